package dev.penstock.models.tensorflow;

/**
 * Why a SavedModel cannot serve, as the end of a sentence: whoever catches it says which model it is about and how far
 * it came.
 */
final class UnservableException extends RuntimeException {
    UnservableException(String why) {
        super(why);
    }

    String why() {
        return getMessage();
    }
}
