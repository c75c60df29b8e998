/*
 * The protocol of docs/protocol.md: calls, outboxes, relays, broker, consumers and the
 * sweeper, struck at any step. tests/model/run.sh checks it in the sizes and without the
 * guards that it lists; docs/adr/0012-protocol-model.md says what is left out, and why that
 * is sound.
 *
 * A transaction takes its locks, and shows its writes at once when it commits. Until then it
 * can vanish; a lock that it waits for ends with the other's transaction. What a process has
 * in memory goes with it. Two orders of one user, of price 1 each, want the one top-up.
 *
 * STEP marks the arrows of the flow by the names of the failpoints.
 */

/* Sizes. */
#ifndef FAULTS
#define FAULTS 1 /* crashes, commits in doubt, lost messages, lost confirms, duplicates: any */
#endif
#ifndef CALLS
#define CALLS 2 /* orders wanted; the first with an idempotency key, the second without */
#endif
#ifndef TWINS
#define TWINS 1 /* times that the call with the key is sent */
#endif
#ifndef RELAYS
#define RELAYS 1 /* on each side */
#endif
#ifndef CONSUMERS
#define CONSUMERS 1 /* on each side */
#endif
#ifndef MONEY
#define MONEY 1 /* topped up */
#endif
#ifndef WIPES
#define WIPES 0 /* times that the broker forgets what it confirmed */
#endif
#ifndef SWEEPS
#define SWEEPS 0 /* events of the sweeper for each order; more than WIPES, or 0 */
#endif

#define ORDERS 2
/* The first request of an order is the event of the same number; a sweep adds ORDERS. */
#define EVENTS (ORDERS * (1 + SWEEPS))

#define STEP(name, order) printf("process %d, order %d: ", _pid, order); name: printf(#name); printf("\n")
#ifdef FAULTS_WITHOUT_END
#define SPEND faults = 0
#else
#define SPEND faults > 0 -> faults--
#endif
#define STRIKE(kind) SPEND; printf("process %d: FAULT ", _pid); printf(kind); printf("\n")
#define HOLDS(name, condition) \
    if \
    :: (condition) \
    :: else -> printf("VIOLATED "); printf(#name); printf("\n"); assert(false) \
    fi

/* An event that is there, whichever. */
#if SWEEPS == 0
#define ANY(there) if :: there(0) -> event = 0 :: there(1) -> event = 1 fi
#elif SWEEPS == 1
#define ANY(there) if :: there(0) -> event = 0 :: there(1) -> event = 1 \
    :: there(2) -> event = 2 :: there(3) -> event = 3 fi
#else
#define ANY(there) if :: there(0) -> event = 0 :: there(1) -> event = 1 \
    :: there(2) -> event = 2 :: there(3) -> event = 3 \
    :: there(4) -> event = 4 :: there(5) -> event = 5 fi
#endif

mtype:status = { NEW, FINISHED, CANCELLED };
mtype:decision = { SUCCEEDED, INSUFFICIENT_FUNDS, ACCOUNT_NOT_FOUND };

byte faults = FAULTS;
byte wipes = WIPES;

/* The orders database. 0 is an order that is not there. */
mtype:status status[ORDERS];
byte rows_of_call[ORDERS];
bool key_known[ORDERS];
bool request_row[EVENTS];
bool request_claimed[EVENTS];
byte swept[ORDERS];

/* The broker: copies of each event in the queues, taken in any order. */
byte requests[EVENTS];
byte answers[EVENTS];
bool request_sent[EVENTS];

/* The payments database. 0 is an order that is not decided, an answer that is not there. */
bool account;
bool account_locked;
short balance;
byte top_ups;
mtype:decision decision[ORDERS];
bool decision_locked[ORDERS];
byte decisions[ORDERS];
byte charges[ORDERS];
bool inbox[EVENTS];
bool inbox_locked[EVENTS];
mtype:decision answer_row[EVENTS];
bool answer_claimed[EVENTS];
mtype:decision answer_of[EVENTS]; /* what the message says */

/* ------------------------------------------------------------------ orders: the API */

inline insert_order() {
    if
    :: found
    :: else ->
        status[order] = NEW;
        rows_of_call[order]++;
        HOLDS(one_call_makes_one_order, rows_of_call[order] == 1);
        request_row[order] = true
    fi
}

proctype create(byte order; bool keyed) {
    bool found, again;
attempt:
#ifdef KEY_IN_OWN_TX
    if
    :: atomic { true -> found = keyed && key_known[order]; key_known[order] = keyed }
    :: atomic { STRIKE("crash"); goto crashed }
    fi;
#endif
    atomic {
#if defined(NEW_IDS_ON_RUN_AGAIN)
        found = status[order] != 0 && !(again && !keyed);
#elif defined(KEY_IN_OWN_TX)
        found = found || (!keyed && status[order] != 0);
#else
        found = status[order] != 0;
#endif
        STEP(create_before_commit, order);
        if
        :: insert_order()
        :: STRIKE("crash"); goto crashed
        :: STRIKE("in doubt, rolled back"); again = true; goto attempt
        :: STRIKE("in doubt, committed"); insert_order(); again = true; goto attempt
        fi;
        STEP(create_after_commit, order);
        if
        :: HOLDS(an_acknowledged_order_exists, status[order] != 0)
        :: STRIKE("crash"); goto crashed
        fi;
        goto end_done
    }
crashed: /* The caller tries again if its key makes that safe. */
    if
    :: keyed -> goto attempt
    :: else
    fi;
end_done:
    false
}

/* --------------------------------------------------------------- orders: the sweeper */

/* Is not told what is lost: it asks again for any order that is NEW. */
inline sweep(order) {
    swept[order]++;
#ifdef SWEEP_UNDER_OLD_ID
    request_row[order] = true;
    request_sent[order] = false;
#else
    request_row[order + ORDERS * swept[order]] = true;
#endif
    printf("process %d, order %d: swept\n", _pid, order)
}

#define TO_SWEEP(order) (status[order] == NEW && swept[order] + wipes < SWEEPS)

proctype sweeper() {
end_idle:
    do
    :: atomic { TO_SWEEP(0) -> sweep(0) }
    :: atomic { TO_SWEEP(1) -> sweep(1) }
    od
}

/* -------------------------------------------------------------------- both: the relay */

#ifdef NO_CLAIM_LOCK
#define REQUEST_WAITS(event) request_row[event]
#define ANSWER_WAITS(event) answer_row[event] != 0
#else
#define REQUEST_WAITS(event) (request_row[event] && !request_claimed[event])
#define ANSWER_WAITS(event) (answer_row[event] != 0 && !answer_claimed[event])
#endif

#ifdef NO_MANDATORY
#define UNROUTABLE_CONFIRMED true
#else
#define UNROUTABLE_CONFIRMED false
#endif

#ifdef NO_CONFIRM_WAIT
#define DELETES true
#else
#define DELETES confirmed
#endif

/* What may come of a message that is published. */
inline publish(copies) {
    if
    :: copies++; confirmed = true
    :: STRIKE("taken, the confirm is lost"); copies++; confirmed = false
    :: STRIKE("lost or refused before the confirm"); confirmed = false
    :: STRIKE("no queue is bound"); confirmed = UNROUTABLE_CONFIRMED
    fi
}

proctype request_relay() {
    byte event;
    bool confirmed;
end_idle:
    atomic {
        ANY(REQUEST_WAITS);
        request_claimed[event] = true;
        HOLDS(sent_once_without_a_fault, faults < FAULTS || !request_sent[event]);
        request_sent[event] = true;
        publish(requests[event]);
        STEP(request_after_publish, event % ORDERS)
    }
    atomic {
        if
        :: DELETES ->
            STEP(request_after_confirm, event % ORDERS);
            if
            :: request_row[event] = false; STEP(request_after_delete, event % ORDERS)
            :: STRIKE("crash, or the delete rolled back")
            fi
        :: !DELETES
        :: STRIKE("crash")
        fi;
        request_claimed[event] = false;
        event = 0;
        confirmed = false;
        goto end_idle
    }
}

proctype answer_relay() {
    byte event;
    bool confirmed;
end_idle:
    atomic {
        ANY(ANSWER_WAITS);
        answer_claimed[event] = true;
        publish(answers[event]);
        STEP(answer_after_publish, event % ORDERS)
    }
    atomic {
        if
        :: DELETES ->
            STEP(answer_after_confirm, event % ORDERS);
            if
            :: answer_row[event] = 0; STEP(answer_after_delete, event % ORDERS)
            :: STRIKE("crash, or the delete rolled back")
            fi
        :: !DELETES
        :: STRIKE("crash")
        fi;
        answer_claimed[event] = false;
        event = 0;
        confirmed = false;
        goto end_idle
    }
}

/* -------------------------------------------------------------------------- the broker */

/* Takes a message; what is not acked is there again after a crash. */
inline deliver(copies) {
    if
    :: copies--
    :: STRIKE("delivered twice")
    fi
}

#ifdef ACK_BEFORE_COMMIT
#define DELIVER_AGAIN(copies) skip
#else
#define DELIVER_AGAIN(copies) copies++
#endif

proctype wiper() {
    byte event;
end_idle:
    atomic {
        wipes > 0 ->
        wipes--;
        for (event : 0 .. EVENTS - 1) {
            requests[event] = 0;
            answers[event] = 0
        }
        event = 0;
        printf("the broker is wiped\n");
        goto end_idle
    }
}

/* -------------------------------------------------------------- payments: the consumer */

#define REQUEST_ARRIVES(event) requests[event] > 0

inline lock_account() {
    if
    :: !account -> has_account = false
#ifdef NO_ACCOUNT_LOCK
    :: account ->
#else
    :: account && !account_locked -> account_locked = true;
#endif
        has_account = true;
        held = balance
    fi
}

inline decide() {
    if
    :: !has_account -> outcome = ACCOUNT_NOT_FOUND
    :: has_account && held < 1 -> outcome = INSUFFICIENT_FUNDS
    :: has_account && held >= 1 -> outcome = SUCCEEDED
    fi
}

inline write_decision() {
    inbox[event] = true;
    if
    :: decided == 0 ->
        decision[order] = outcome;
        decisions[order]++;
        if
        :: outcome == SUCCEEDED -> charges[order]++; balance = held - 1
        :: else
        fi;
        answer_row[event] = outcome;
        answer_of[event] = outcome
    :: decided != 0 && fresh ->
        answer_row[event] = decided;
        answer_of[event] = decided
    :: else
    fi;
    HOLDS(no_order_is_charged_twice, charges[order] <= 1);
#ifndef LOOK_FURTHER /* than the second decision, at what comes of it */
    HOLDS(an_order_has_one_decision, decisions[order] <= 1);
#endif
    HOLDS(the_balance_is_top_ups_less_charges,
          balance >= 0 && balance == MONEY * top_ups - charges[0] - charges[1])
}

/* The end of the transaction, whichever. */
inline unlock() {
    inbox_locked[event] = false;
    if
    :: has_account -> account_locked = false
    :: else
    fi;
    if
    :: inserted -> decision_locked[order] = false
    :: else
    fi;
    has_account = false;
    inserted = false;
    held = 0;
    fresh = false;
    decided = 0;
    outcome = 0
}

proctype charge() {
    byte event, order;
    bool fresh, has_account, inserted;
    short held;
    mtype:decision decided, outcome;
end_idle:
    atomic { ANY(REQUEST_ARRIVES); deliver(requests[event]); order = event % ORDERS }
attempt:
    atomic {
        !inbox_locked[event] ->
        inbox_locked[event] = true;
#ifdef NO_INBOX
        fresh = true
#else
        fresh = !inbox[event]
#endif
    }
#ifdef ONE_SNAPSHOT
    decided = decision[order];
    atomic { lock_account() }
#else
    atomic { lock_account() }
    decided = decision[order];
#endif
    atomic {
        if
        :: decided != 0
        :: decided == 0 ->
            decide();
#ifndef NO_PK_GUARD
            !decision_locked[order];
            if
            :: decision[order] != 0 ->
                /* Unique violation. Without an account there is no lock, and it is due. */
                HOLDS(a_decision_under_the_lock_is_the_first,
                      !has_account || decision[order] == ACCOUNT_NOT_FOUND);
                unlock();
                goto attempt
            :: else -> decision_locked[order] = true; inserted = true
            fi
#endif
        fi;
        STEP(charge_before_commit, order)
    }
    atomic {
        if
        :: write_decision(); unlock()
        :: STRIKE("crash"); unlock(); DELIVER_AGAIN(requests[event]); goto next
        :: STRIKE("in doubt, rolled back"); unlock(); goto attempt
        :: STRIKE("in doubt, committed"); write_decision(); unlock(); goto attempt
        fi;
        STEP(charge_after_commit, order);
        if
        :: STEP(charge_after_ack, order)
        :: STRIKE("crash"); DELIVER_AGAIN(requests[event])
        fi;
next:
        event = 0;
        order = 0;
        goto end_idle
    }
}

/* ------------------------------------------------------------------- payments: the API */

inline insert_top_up() {
    if
    :: found
    :: else -> balance = balance + MONEY; top_ups++
    fi;
    HOLDS(one_key_tops_up_once, top_ups <= 1)
}

/* The user's account and its one top-up, with an idempotency key. */
proctype pay_in() {
    bool found;
open:
    atomic {
        STEP(create_account_before_commit, 0);
        if
        :: account = true
        :: STRIKE("crash"); goto open
        fi;
        STEP(create_account_after_commit, 0)
    }
top_up:
    atomic {
        !account_locked ->
        found = top_ups > 0;
        STEP(top_up_before_commit, 0);
        if
        :: insert_top_up()
        :: STRIKE("crash, or in doubt and rolled back"); goto top_up
        fi;
        STEP(top_up_after_commit, 0);
        if
        :: true
        :: STRIKE("crash, or in doubt and committed"); goto top_up
        fi;
        goto end_done
    }
end_done:
    false
}

/* ---------------------------------------------------------------- orders: the consumer */

#define ANSWER_ARRIVES(event) answers[event] > 0

inline write_settlement() {
    if
    :: settles ->
        HOLDS(a_settled_order_never_changes, status[order] == NEW);
        status[order] = (answer_of[event] == SUCCEEDED -> FINISHED : CANCELLED);
        HOLDS(finished_is_charged, (status[order] == FINISHED) == (charges[order] == 1))
    :: else
    fi
}

proctype settle() {
    byte event, order;
    bool settles;
end_idle:
    atomic { ANY(ANSWER_ARRIVES); deliver(answers[event]); order = event % ORDERS }
attempt:
    atomic {
        HOLDS(no_answer_without_an_order, status[order] != 0);
#ifdef NO_STATUS_GUARD
        settles = true;
#else
        settles = status[order] == NEW;
#endif
        STEP(settle_before_commit, order);
        if
        :: write_settlement()
        :: STRIKE("crash"); DELIVER_AGAIN(answers[event]); goto next
        :: STRIKE("in doubt, rolled back"); goto attempt
        :: STRIKE("in doubt, committed"); write_settlement(); goto attempt
        fi;
        STEP(settle_after_commit, order);
        if
        :: STEP(settle_after_ack, order)
        :: STRIKE("crash"); DELIVER_AGAIN(answers[event])
        fi;
next:
        event = 0;
        order = 0;
        settles = false;
        goto end_idle
    }
}

/* --------------------------------------------------------------------------- the whole */

/* When nothing can move any more. A caller without a key may have been left without order. */
proctype the_end() {
    byte i;
    atomic {
        timeout ->
        for (i : 0 .. ORDERS - 1) {
            HOLDS(every_order_is_settled, status[i] != NEW);
            HOLDS(no_decision_without_an_order, status[i] != 0 || decisions[i] == 0);
            HOLDS(finished_is_charged, (status[i] == FINISHED) == (charges[i] == 1))
        }
        for (i : 0 .. EVENTS - 1) {
            HOLDS(the_outboxes_are_empty, !request_row[i] && answer_row[i] == 0);
            HOLDS(the_queues_are_empty, requests[i] == 0 && answers[i] == 0)
        }
    }
}

init {
    byte i;
    atomic {
        for (i : 1 .. TWINS) { run create(0, true) }
        if
        :: CALLS == 2 -> run create(1, false)
        :: else
        fi;
        run pay_in();
        for (i : 1 .. RELAYS) { run request_relay(); run answer_relay() }
        for (i : 1 .. CONSUMERS) { run charge(); run settle() }
        run sweeper();
        run wiper();
        run the_end();
        i = 0
    }
}
