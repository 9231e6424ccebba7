CREATE TABLE trusted_sender (
    user_address TEXT NOT NULL,
    sender TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (user_address, sender)
);
