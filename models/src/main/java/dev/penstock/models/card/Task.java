package dev.penstock.models.card;

/** What kind of question a model answers. */
public enum Task {
    /** One of several labels; scores add up to 1. */
    MULTICLASS,
    /** One of two labels; the second is the positive one. The output has one column (its probability) or two. */
    BINARY,
    /** Any number of labels, each on its own. */
    MULTILABEL
}
