// Emoji by Slack's names: those that the bot and alerts use, and what people type most.

import { h } from "./dom.js";

const NAMES = `
large_green_circle 🟢|large_yellow_circle 🟡|large_orange_circle 🟠|red_circle 🔴|white_circle ⚪|black_circle ⚫
large_blue_circle 🔵|large_purple_circle 🟣|large_brown_circle 🟤|large_green_square 🟩|large_red_square 🟥
mag 🔍|mag_right 🔎|hourglass_flowing_sand ⏳|hourglass ⌛|white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️
x ❌|negative_squared_cross_mark ❎|warning ⚠️|rotating_light 🚨|fire 🔥|boom 💥|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑
black_square_for_stop ⏹️|arrow_forward ▶️|double_vertical_bar ⏸️|repeat 🔁|arrows_counterclockwise 🔄|exclamation ❗|question ❓
bangbang ‼️|information_source ℹ️|bulb 💡|robot_face 🤖|brain 🧠|gear ⚙️|wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|nut_and_bolt 🔩
link 🔗|lock 🔒|unlock 🔓|key 🔑|closed_lock_with_key 🔐|bell 🔔|no_bell 🔕|loudspeaker 📢|mega 📣|pager 📟|telephone_receiver 📞
computer 💻|desktop_computer 🖥️|floppy_disk 💾|file_folder 📁|card_file_box 🗃️|package 📦|label 🏷️|bookmark 🔖|pushpin 📌|paperclip 📎
memo 📝|clipboard 📋|page_facing_up 📄|scroll 📜|bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉
calendar 📆|date 📅|clock1 🕐|stopwatch ⏱️|alarm_clock ⏰|timer_clock ⏲️|zap ⚡|rocket 🚀|ship 🚢|construction 🚧|whale 🐳|snake 🐍
elephant 🐘|bug 🐛|beetle 🪲|snail 🐌|turtle 🐢|ghost 👻|skull 💀|eyes 👀|eye 👁️|thinking_face 🤔|face_with_monocle 🧐|sweat_smile 😅
smile 😄|slightly_smiling_face 🙂|joy 😂|sob 😭|scream 😱|upside_down_face 🙃|sunglasses 😎|grimacing 😬|shrug 🤷|facepalm 🤦|wave 👋
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|clap 👏|raised_hands 🙌|pray 🙏|muscle 💪|point_right 👉|point_left 👈|point_up ☝️
point_down 👇|raised_hand ✋|tada 🎉|sparkles ✨|star ⭐|heart ❤️|green_heart 💚|broken_heart 💔|100 💯|checkered_flag 🏁|triangular_flag_on_post 🚩
red_flag 🚩|green_book 📗|books 📚|coffee ☕|beers 🍻|pizza 🍕|cake 🎂|sunny ☀️|cloud ☁️|rain_cloud 🌧️|snowflake ❄️|earth_africa 🌍|globe_with_meridians 🌐
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrow_upper_right ↗️|heavy_plus_sign ➕|heavy_minus_sign ➖|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣
ambulance 🚑|fire_engine 🚒|adhesive_bandage 🩹|syringe 💉|thermometer 🌡️|vertical_traffic_light 🚦|traffic_light 🚥|small_red_triangle 🔺|small_red_triangle_down 🔻
large_blue_diamond 🔷|small_blue_diamond 🔹|small_orange_diamond 🔸|white_large_square ⬜|black_large_square ⬛|recycle ♻️|handshake 🤝|bow 🙇|man-shrugging 🤷|woman-shrugging 🤷`;

const TABLE = new Map(
  NAMES.trim()
    .split(/[|\n]/)
    .map((entry) => entry.split(" ")),
);

// A name that is not known stays as it was typed, colons included.
export function emoji(name) {
  const sign = TABLE.get(name);
  if (!sign) return `:${name}:`;
  const words = name.replaceAll("_", " ");
  return h("span", { class: "emoji", role: "img", "aria-label": words, title: `:${name}:` }, sign);
}

// Rich text may carry the code points itself, as in "1f44b-1f3fd".
export function emojiOf(element) {
  if (!element.unicode || TABLE.has(element.name)) return emoji(element.name);
  const sign = element.unicode.split("-").map((point) => String.fromCodePoint(parseInt(point, 16)));
  return h("span", { class: "emoji", role: "img", "aria-label": element.name, title: `:${element.name}:` }, sign.join(""));
}
