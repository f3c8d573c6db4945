package dev.penstock.chaos.judging;

/** What the inference job promises; the spelling of {@code inference.yaml} is {@link #setting()}. */
public enum Delivery {
    EXACTLY_ONCE("exactly-once"),
    AT_LEAST_ONCE("at-least-once");

    private final String setting;

    Delivery(String setting) {
        this.setting = setting;
    }

    public String setting() {
        return setting;
    }

    /** @throws IllegalArgumentException if there is none that is spelled so */
    public static Delivery named(String setting) {
        for (Delivery delivery : values()) {
            if (delivery.setting.equals(setting)) {
                return delivery;
            }
        }
        throw new IllegalArgumentException("Cannot deliver '%s': use exactly-once or at-least-once".formatted(setting));
    }
}
