import java.io.FileReader;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Random;

/** Indexes shopper profiles; keeps as many of them in memory as its settings say. */
public final class ProfileIndexer {
    private static final int PROFILES = 200_000;
    private static final int BATCH = 150;
    private static final int BYTES = 1_800;

    private final ProfileCache cache;
    private final Random random = new Random(7);
    private long indexed;

    private ProfileIndexer(int maxEntries) {
        cache = new ProfileCache(maxEntries);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Properties settings = new Properties();
        try (FileReader reader = new FileReader(arguments[0])) {
            settings.load(reader);
        }
        int maxEntries = Integer.parseInt(settings.getProperty("cache.max_entries"));
        log("INFO", "profile-indexer started, cache.max_entries=" + maxEntries
            + ", max heap " + mebibytes(Runtime.getRuntime().maxMemory()) + " MiB");
        new ProfileIndexer(maxEntries).run();
    }

    private void run() throws InterruptedException {
        for (int batch = 1; ; batch++) {
            indexBatch();
            if (batch % 10 == 0) {
                Runtime heap = Runtime.getRuntime();
                log("INFO", "indexed " + indexed + " profiles, cache " + cache.size()
                    + " entries, heap used " + mebibytes(heap.totalMemory() - heap.freeMemory())
                    + " MiB");
            }
            Thread.sleep(500);
        }
    }

    private void indexBatch() {
        for (int i = 0; i < BATCH; i++) {
            int profile = random.nextInt(PROFILES);
            cache.computeIfAbsent(profile, ProfileIndexer::load);
            indexed++;
        }
    }

    private static byte[] load(int profile) {
        byte[] loaded = new byte[BYTES];
        loaded[0] = (byte) profile;
        return loaded;
    }

    private static void log(String level, String text) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        System.out.println(now + " " + level + " profile-indexer " + text);
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }

    /** Lets the eldest profile go where there are more than it may hold. */
    private static final class ProfileCache extends LinkedHashMap<Integer, byte[]> {
        private final int maxEntries;

        ProfileCache(int maxEntries) {
            super(16, 0.75f, true);
            this.maxEntries = maxEntries;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, byte[]> eldest) {
            return size() > maxEntries;
        }
    }
}
