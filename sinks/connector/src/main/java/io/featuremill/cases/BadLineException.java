package io.featuremill.cases;

/** A line of a case's file that can't be read as a row of its table. The message is for a person. */
final class BadLineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadLineException(String message) {
        super(message);
    }
}
