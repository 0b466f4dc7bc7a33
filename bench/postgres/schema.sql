-- Transfers as PostgreSQL would keep them for somebody who wants what our receipts give: a client's
-- id is used once a payer and answers the same again, nobody spends what they do not have, and what
-- was signed is kept. Ids are numbers, and room is left in each page so that a balance is updated
-- without touching an index.

CREATE TABLE accounts (
  id bigint PRIMARY KEY,
  account bytea NOT NULL UNIQUE,
  balance bigint NOT NULL CHECK (balance >= 0)
) WITH (fillfactor = 50);

CREATE TABLE transfers (
  payer bigint NOT NULL,
  client uuid NOT NULL,
  payee bigint NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  accepted boolean NOT NULL,
  signed bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (payer, client)
);

-- One transfer, one round trip, one transaction. Both rows are locked in the order of their ids, so
-- that no two transfers wait for each other in a circle.
CREATE FUNCTION pay(of bigint, id_of_client uuid, to_whom bigint, cents bigint, statement bytea)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  is_rich boolean;
BEGIN
  INSERT INTO transfers (payer, client, payee, amount, accepted, signed)
  VALUES (of, id_of_client, to_whom, cents, true, statement) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN (SELECT accepted FROM transfers WHERE payer = of AND client = id_of_client);
  END IF;
  IF of < to_whom THEN
    UPDATE accounts SET balance = balance - cents WHERE id = of AND balance >= cents;
    is_rich := FOUND;
    IF is_rich THEN
      UPDATE accounts SET balance = balance + cents WHERE id = to_whom;
      IF NOT FOUND THEN RAISE 'nobody has the account %', to_whom; END IF;
    END IF;
  ELSE
    UPDATE accounts SET balance = balance + cents WHERE id = to_whom;
    IF NOT FOUND THEN RAISE 'nobody has the account %', to_whom; END IF;
    UPDATE accounts SET balance = balance - cents WHERE id = of AND balance >= cents;
    is_rich := FOUND;
    IF NOT is_rich THEN
      UPDATE accounts SET balance = balance - cents WHERE id = to_whom;
    END IF;
  END IF;
  IF NOT is_rich THEN
    UPDATE transfers SET accepted = false WHERE payer = of AND client = id_of_client;
  END IF;
  RETURN is_rich;
END $$;

-- Many transfers in one transaction: the rows are locked in order first, then each balance is
-- written once. All of them or none: who gets an error pays them one by one.
CREATE FUNCTION pay_many(ofs bigint[], ids_of_client uuid[], to_whoms bigint[], cents bigint[],
                         statements bytea[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  done bigint;
  lost bigint;
BEGIN
  PERFORM 1 FROM accounts WHERE id = ANY (ofs || to_whoms) ORDER BY id FOR NO KEY UPDATE;
  WITH made AS (
    INSERT INTO transfers (payer, client, payee, amount, accepted, signed)
    SELECT given.payer, given.client, given.payee, given.amount, true, given.signed
    FROM unnest(ofs, ids_of_client, to_whoms, cents, statements)
      AS given (payer, client, payee, amount, signed)
    ON CONFLICT DO NOTHING
    RETURNING payer, payee, amount
  ), moved AS (
    SELECT id, sum(amount) AS by FROM (
      SELECT payer AS id, -amount AS amount FROM made UNION ALL SELECT payee, amount FROM made
    ) AS each GROUP BY id
  ), written AS (
    UPDATE accounts SET balance = balance + moved.by FROM moved WHERE accounts.id = moved.id
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM made),
         (SELECT count(*) FROM moved) - (SELECT count(*) FROM written)
    INTO done, lost;
  IF lost <> 0 THEN RAISE 'nobody has % of the accounts', lost; END IF;
  RETURN done;
END $$;
