package dev.penstock.deploy.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * One document of {@code deploy/kubernetes}, as it stands in its file.
 *
 * @param file relative to that folder
 */
record Manifest(Path file, JsonNode content) {
    static final Path FOLDER = Path.of("kubernetes");

    private static final ObjectMapper JSON = new ObjectMapper();
    /** What is Kustomize's own, or a configuration of Penstock's. */
    private static final List<String> NO_MANIFESTS = List.of("kustomization.yaml", "flink.yaml");

    static List<Manifest> all() {
        List<Manifest> manifests = new ArrayList<>();
        for (Path file : files()) {
            if (!NO_MANIFESTS.contains(file.getFileName().toString()) && !file.startsWith("base/config")) {
                documents(file).forEach(content -> manifests.add(new Manifest(file, content)));
            }
        }
        return manifests;
    }

    static List<Manifest> ofKind(String kind) {
        return all().stream().filter(manifest -> manifest.kind().equals(kind)).toList();
    }

    static List<Path> files() {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .map(FOLDER::relativize)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonNode> documents(Path file) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try {
            List<JsonNode> documents = new ArrayList<>();
            new Yaml(options)
                    .loadAll(Files.readString(FOLDER.resolve(file)))
                    .forEach(document -> documents.add(JSON.valueToTree(document)));
            return documents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String kind() {
        return content.path("kind").asText();
    }

    String apiVersion() {
        return content.path("apiVersion").asText();
    }

    String name() {
        return content.path("metadata").path("name").asText();
    }

    /** Of the pods that it makes; missing where it makes none. */
    JsonNode podSpec() {
        return switch (kind()) {
            case "Deployment" -> content.path("spec").path("template").path("spec");
            case "FlinkDeployment" -> content.path("spec").path("podTemplate").path("spec");
            default -> MissingNode.getInstance();
        };
    }

    @Override
    public String toString() {
        return "%s %s in %s".formatted(kind(), name(), file);
    }
}
