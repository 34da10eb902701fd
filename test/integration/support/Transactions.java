import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Commits, aborts and takes over a transactional.id in partition 0 of topic "t", then reads it with both
 * isolation levels. Argument: the address of the broker. Prints what a replaced producer was told and what was read.
 */
public class Transactions {
    private static String address;

    public static void main(String[] args) {
        address = args[0];
        try (KafkaProducer<String, String> first = producer()) {
            end(first, "committed", true);
            end(first, "aborted", false);
            end(first, "committed, too", true);
            send(first, "left open");
            try (KafkaProducer<String, String> second = producer()) {
                end(second, "taken over", true);
            }
            System.out.println("first: " + refusal(first));
        }
        System.out.println("read_committed: " + read("read_committed"));
        System.out.println("read_uncommitted: " + read("read_uncommitted"));
    }

    private static KafkaProducer<String, String> producer() {
        Map<String, Object> settings = Map.of("bootstrap.servers", address, "transactional.id", "x");
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private static void send(KafkaProducer<String, String> producer, String value) {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("t", 0, null, value));
        producer.flush();
    }

    private static void end(KafkaProducer<String, String> producer, String value, boolean commit) {
        send(producer, value);
        if (commit) producer.commitTransaction();
        else producer.abortTransaction();
    }

    private static String refusal(KafkaProducer<String, String> replaced) {
        try {
            replaced.commitTransaction();
            return "nothing";
        } catch (ApiException refused) {
            return refused.getClass().getSimpleName();
        }
    }

    /** Everything before the end of the partition, which is behind the marker of the last transaction. */
    private static List<String> read(String isolation) {
        Map<String, Object> settings = Map.of("bootstrap.servers", address, "isolation.level", isolation);
        TopicPartition partition = new TopicPartition("t", 0);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end)
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
        }
        return values;
    }
}
