import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.SendBuilder;
import org.apache.kafka.common.record.BaseRecords;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.ImplicitLinkedHashCollection;

/**
 * Sends one request of every API and version to a broker and reads the answer with Kafka's own generated
 * classes. Arguments: the port, then key:lowest:highest for each API. Prints a line for each version:
 * "ok Name vN", or what was wrong.
 */
public class AllVersions {
    /** Setters of fields that the version at hand does not have, or that are better left out. */
    private static final Set<String> skipped = new HashSet<>();
    private static final Set<String> never =
        Set.of("setUnknownTaggedFields", "setMemberId", "setGroupInstanceId", "setTransactionalId");

    public static void main(String[] args) throws Exception {
        for (int at = 1; at < args.length; at++) {
            String[] range = args[at].split(":");
            ApiMessageType api = ApiMessageType.fromApiKey(Short.parseShort(range[0]));
            for (short v = Short.parseShort(range[1]); v <= Short.parseShort(range[2]); v++) {
                String outcome;
                try {
                    outcome = call(Integer.parseInt(args[0]), api, v);
                } catch (Exception e) {
                    outcome = "FAILED " + e;
                }
                System.out.println(outcome + " " + api.name + " v" + v);
            }
        }
    }

    private static String call(int port, ApiMessageType api, short version) throws Exception {
        RequestHeaderData header = new RequestHeaderData()
            .setRequestApiKey(api.apiKey()).setRequestApiVersion(version).setCorrelationId(7).setClientId("java");
        byte[] frame = frameOf(new RequestHeader(header, api.requestHeaderVersion(version)), requestOf(api, version));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(frame);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            ByteBufferAccessor answer = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
            new ResponseHeaderData().read(answer, api.responseHeaderVersion(version));
            ApiMessage response = api.newResponse();
            response.read(answer, version);
            return answer.remaining() == 0 ? "ok" : "LEFT " + answer.remaining() + " bytes " + response;
        }
    }

    /** A request with something in every field that the version has. */
    private static ApiMessage requestOf(ApiMessageType api, short version) throws Exception {
        skipped.clear();
        while (true) {
            ApiMessage request = api.newRequest();
            fill(request);
            try {
                SendBuilder.buildRequestSend(
                    new RequestHeader(new RequestHeaderData().setRequestApiKey(api.apiKey()).setRequestApiVersion(version)
                        .setClientId(""), api.requestHeaderVersion(version)), request);
                return request;
            } catch (UnsupportedVersionException e) {
                String field = e.getMessage().replaceAll(".*non-default (\\w+) at.*", "$1");
                if (!skipped.add("set" + Character.toUpperCase(field.charAt(0)) + field.substring(1))) throw e;
            }
        }
    }

    private static void fill(Object message) throws Exception {
        String owner = message.getClass().getSimpleName();
        for (Method setter : message.getClass().getMethods()) {
            String name = setter.getName();
            if (!name.startsWith("set") || setter.getParameterCount() != 1) continue;
            if (never.contains(name) || skipped.contains(name)) continue;
            Class<?> type = setter.getParameterTypes()[0];
            if (type == String.class) setter.invoke(message, textFor(owner, name));
            else if (Collection.class.isAssignableFrom(type)) fillList(message, setter, type);
            else if (type == BaseRecords.class) {
                setter.invoke(message, MemoryRecords.withRecords(Compression.NONE, new SimpleRecord("v".getBytes())));
            } else if (type == boolean.class && name.startsWith("setInclude")) setter.invoke(message, true);
            else if (type == int.class) {
                if (name.contains("Timeout")) setter.invoke(message, 1000);
                else if (name.startsWith("setGenerationId")) setter.invoke(message, -1);
                else if (name.endsWith("MaxBytes")) setter.invoke(message, 100_000);
                else if (name.equals("setNumPartitions") || name.equals("setCount")) setter.invoke(message, 1);
            } else if (type == short.class && (name.equals("setAcks") || name.equals("setReplicationFactor"))) {
                setter.invoke(message, (short) 1);
            } else if (name.equals("setResourceType")) setter.invoke(message, (byte) 2);
        }
    }

    private static String textFor(String owner, String name) {
        if (name.equals("setValue")) return "1234";
        if (name.equals("setProtocolType")) return "consumer";
        return name.equals("setName") && owner.contains("Config") ? "retention.ms" : "t";
    }

    @SuppressWarnings("unchecked")
    private static void fillList(Object message, Method setter, Class<?> type) throws Exception {
        boolean isList = List.class.isAssignableFrom(type);
        Type generic = isList ? setter.getGenericParameterTypes()[0] : type.getGenericSuperclass();
        Class<?> item = (Class<?>) ((ParameterizedType) generic).getActualTypeArguments()[0];
        if (item == Short.class || item.getSimpleName().contains("Assignment")) return;
        Object value = item == Integer.class ? (Object) 0 : item == String.class ? "t" : null;
        if (value == null) {
            value = item.getConstructor().newInstance();
            fill(value);
        }
        Collection<Object> values = isList
            ? new ArrayList<>()
            : (Collection<Object>) type.asSubclass(ImplicitLinkedHashCollection.class).getConstructor().newInstance();
        values.add(value);
        setter.invoke(message, values);
    }

    private static byte[] frameOf(RequestHeader header, ApiMessage request) throws Exception {
        var send = SendBuilder.buildRequestSend(header, request);
        var bytes = new ByteArrayOutputStream();
        var channel = new TransferableChannel() {
            public int write(ByteBuffer from) {
                byte[] copy = new byte[from.remaining()];
                from.get(copy);
                bytes.writeBytes(copy);
                return copy.length;
            }
            public long write(ByteBuffer[] from) { return write(from, 0, from.length); }
            public long write(ByteBuffer[] from, int start, int count) {
                long written = 0;
                for (int at = start; at < start + count; at++) written += write(from[at]);
                return written;
            }
            public boolean hasPendingWrites() { return false; }
            public long transferFrom(FileChannel file, long position, long count) { return 0; }
            public boolean isOpen() { return true; }
            public void close() { }
        };
        while (!send.completed()) send.writeTo(channel);
        return bytes.toByteArray();
    }
}
