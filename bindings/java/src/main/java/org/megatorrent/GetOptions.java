package org.megatorrent;

/** How to get an object into a file or folder. Immutable. */
public final class GetOptions {
    /** Everything as {@link Builder} has it at first. */
    public static final GetOptions DEFAULT = builder().build();

    final boolean overwrite;
    final ProgressListener progress;

    private GetOptions(Builder builder) {
        overwrite = builder.overwrite;
        progress = builder.progress;
    }

    /**
     * Begins with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Makes options. */
    public static final class Builder {
        private boolean overwrite;
        private ProgressListener progress;

        private Builder() {
        }

        /**
         * Sets whether a file that is there is replaced, or is an error, as it is by default.
         *
         * @param value whether it is replaced
         * @return this
         */
        public Builder overwrite(boolean value) {
            overwrite = value;
            return this;
        }

        /**
         * Sets who is told how far the get is.
         *
         * @param value the listener; null for none
         * @return this
         */
        public Builder progress(ProgressListener value) {
            progress = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         */
        public GetOptions build() {
            return new GetOptions(this);
        }
    }
}
