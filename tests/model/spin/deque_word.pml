// SPDX-License-Identifier: Apache-2.0
/* The word {epoch, tail, count} of runtime/sched/deque.hpp, and who may take what.

   The owner runs two roots. Root 1 is a child that the joiner waits for; root 2 has nothing to do
   with it. Below each root the owner publishes jobs, one or two at a time, and joins them newest
   first. The thief takes anything. The joiner takes only what lies below root 1, in one of the two
   ways of runtime/sched/leapfrog.cpp: the first link looks at the child once more after the slot,
   the deeper link compares the epoch.

   Frames are used again: a job's address is its depth, so the same address comes back. `instance`
   is a ghost that tells the jobs at one address apart.

   ROUNDS: forks of each root. With -D KEEP_TAIL a take-back that empties the deque leaves tail as
   it is, with -D NO_EPOCH or -D NO_SECOND_LOOK the joiner trusts the word alone: each must fail. */

#ifndef ROUNDS
#define ROUNDS 2
#endif
#define SLOTS 4
#define JOBS 16

byte epoch; byte tail; byte count;     /* the word: each access of it is one step */
byte slot_address[SLOTS];
byte slot_instance[SLOTS];             /* ghost */
byte root_of[JOBS];                    /* ghost */
byte begun[JOBS];                      /* ghost: must end as 1 */
bit ended[JOBS];
byte instances;                        /* ghost */
bit child_done;                        /* the state of root 1's job */
bit owner_done;

inline open(which) {
    d_step { which = instances; instances++; root_of[which] = root; assert(instances < JOBS) }
}

/* Slots first, one store each, then the word. */
inline put(position, address, which) {
    d_step { slot_address[(tail + count + position) % SLOTS] = address;
             slot_instance[(tail + count + position) % SLOTS] = which }
}

inline join(address, which) {
    atomic {
        if
        :: count > 0 ->
            assert(slot_address[(tail + count - 1) % SLOTS] == address);
            assert(slot_instance[(tail + count - 1) % SLOTS] == which);
            count--;
#ifndef KEEP_TAIL
            if :: count == 0 -> tail++ :: else fi;
#endif
            begun[which]++; ended[which] = 1
        :: else
        fi
    };
    ended[which] == 1
}

active proctype owner() {
    byte root, round, first, second;
    for (root : 1 .. 2) {
        /* begin_root(): a plain store, nobody else changes the word of an empty deque */
        atomic { assert(count == 0); epoch = root };
        for (round : 1 .. ROUNDS) {
            open(first);
            if
            :: open(second);            /* both at once */
               put(0, 0, first); put(1, 1, second);
               count = count + 2;
               join(1, second)
            :: put(0, 0, first);        /* one, and perhaps another on top of it */
               count = count + 1;
               if
               :: open(second); put(0, 1, second); count = count + 1; join(1, second)
               :: skip
               fi
            fi;
            join(0, first);
            d_step { first = 0; second = 0 }
        };
        if :: root == 1 -> child_done = 1  /* finish(): before the next root begins */ :: else fi
    };
    owner_done = 1
}

/* Word, slot, whatever `look` asks, compare-exchange. */
inline take(look, only_root) {
    atomic { seen_epoch = epoch; seen_tail = tail; seen_count = count };
    if
    :: seen_count > 0 ->
        d_step { address = slot_address[seen_tail % SLOTS];
                 which = slot_instance[seen_tail % SLOTS] };
        if
        :: look ->
            atomic {
                if
                :: epoch == seen_epoch && tail == seen_tail && count == seen_count ->
                    tail++; count--; won = true;
                    assert(only_root == 0 || root_of[which] == only_root);
                    /* what was read is what was won */
                    assert(slot_address[seen_tail % SLOTS] == address);
                    assert(slot_instance[seen_tail % SLOTS] == which)
                :: else -> won = false
                fi
            };
            if :: won -> begun[which]++; d_step { ended[which] = 1; won = false } :: else fi
        :: else
        fi
    :: else
    fi;
    d_step { address = 0; seen_epoch = 0; seen_tail = 0; seen_count = 0 }
}

active proctype thief() {
    byte seen_epoch, seen_tail, seen_count, address, which; bool won;
    do
    :: owner_done -> break
    :: !owner_done && count > 0 -> take(true, 0); which = 0
    od
}

#ifdef NO_SECOND_LOOK
#define FIRST_LINK true
#else
#define FIRST_LINK (child_done == 0)
#endif
#ifdef NO_EPOCH
#define DEEPER_LINK true
#else
#define DEEPER_LINK (seen_epoch == 1)
#endif

active proctype joiner() {
    byte seen_epoch, seen_tail, seen_count, address, which; bool won;
    epoch > 0;
    do
    :: owner_done -> break
    :: !owner_done && count > 0 ->
        if
        :: take(FIRST_LINK, 1)
        :: take(DEEPER_LINK, 1)
        fi;
        which = 0
    od
}

/* At the very end: each job has begun once. */
active proctype monitor() {
    byte job;
    timeout;
    assert(owner_done && count == 0);
    for (job : 0 .. JOBS - 1) {
        assert(job >= instances || begun[job] == 1)
    }
}
