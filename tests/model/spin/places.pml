// SPDX-License-Identifier: Apache-2.0
/* Places, searchers, requests, spare threads, tickets and the hand-over: the steps of request.cpp,
   publish.cpp, settle.cpp, worker.cpp, join.cpp and guest.cpp in runtime/sched, one access of a
   shared word each.

   Two GUESTS from outside make a verb each, of FORKS0 and FORKS1 forks; WORKERS threads of the runtime start
   as spare ones; PLACES places. A stolen job is a leaf, and each first half of a fork may take so
   long that everybody else sleeps. With -D CHAINED the job of guest 0 ends only after guest 1 has
   left, which with two places needs the hand-over.

   Left out: numbers, the deque's word (deque_word.pml), leapfrogging, the polls that the back-off
   skips, the creation of threads. Mistakes to plant, each of which must be found: FLAGS_FIRST (a
   poll takes the flags before it lowers the limit), NO_SETTLE_AT_JOIN, NO_SETTLE_AT_PARK,
   NO_SECOND_LOOK (a bit is cleared without a look after it), LATE_WAIT (the waiting bit after a
   plain look). */

#define GUESTS 2
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef PLACES
#define PLACES 2
#endif
#ifndef FORKS0
#define FORKS0 1        /* of guest 0 */
#endif
#ifndef FORKS1
#define FORKS1 0        /* of guest 1 */
#endif
#define N (GUESTS + WORKERS)
#define NOBODY N

mtype = { is_private, is_public, is_taken, is_done };

short free = PLACES; byte searchers;    /* one word: S */
byte public[N];                         /* the count of each deque */
bit has_public[N]; bit running[N]; /* two words of bits */
bit request[N]; bit limit[N];
bit spare[N];                           /* the stack; who is popped is not said */
bit woken[N];                           /* the wake words */
mtype job[N]; bit waiting[N];           /* the state of the job of each guest */
byte tickets;                           /* the count; the queue beside it: */
chan queue = [GUESTS] of { byte };
byte left;

#define idle (free > 0 && searchers == 0)

/* Flag, then limit; whoever finds the flag set leaves the limit alone. */
inline arm(whom) {
    d_step { was = request[whom]; request[whom] = 1 };
    if
    :: was -> was = 0
    :: else -> limit[whom] = 1
    fi
}

/* Only guests have jobs and poll; the two words of bits are read at once each. */
inline arm_if_bare(whom) {
    if
    :: mask & (1 << whom) ->
        if :: public[whom] == 0 -> arm(whom) :: else fi
    :: else
    fi
}
inline arm_all() {
    d_step { mask = running[0] | (running[1] << 1) };
    arm_if_bare(0);
    arm_if_bare(1);
    mask = 0
}

inline look_at(whom) {
    if :: !visible && (mask & (1 << whom)) -> visible = (public[whom] > 0) :: else fi
}
inline look_for_work() {
    d_step { mask = has_public[0] | (has_public[1] << 1); visible = false };
    look_at(0);
    look_at(1);
    mask = 0
}

inline pop_ticket() {
    atomic {
        if
        :: tickets > 0 -> tickets--; got = true
        :: else -> got = false
        fi
    };
    if
    :: got -> queue ? guest
    :: else -> guest = NOBODY
    fi
}

inline grant_tickets() {
    do
    :: tickets == 0 -> break
    :: tickets > 0 ->
        atomic {
            if
            :: free > 0 -> free--; got = true
            :: else -> got = false
            fi
        };
        if
        :: !got -> break
        :: got ->
            pop_ticket();
            if
            :: guest != NOBODY -> woken[guest] = 1
            :: else -> free++
            fi
        fi
    od;
    atomic { got = false; guest = NOBODY }
}

inline wake_one() {
    do
    :: atomic {
            if
            :: idle -> free--; searchers++; got = true
            :: else -> got = false
            fi
        };
        if :: !got -> break :: else fi;
        atomic {
            guest = 0;
            do
            :: guest < N && !spare[guest] -> guest++
            :: else -> break
            od;
            if :: guest < N -> spare[guest] = 0 :: else fi
        };
        if
        :: guest < N -> woken[guest] = 1; break
        :: else ->
            atomic { free++; searchers-- };
            grant_tickets();
            d_step { guest = 0;
                do
                :: guest < N && !spare[guest] -> guest++
                :: else -> break
                od };
            if :: guest == N -> break :: else fi;
            look_for_work();
            if :: !visible -> arm_all(); break :: else fi
        fi
    od;
    atomic { got = false; guest = NOBODY; visible = false }
}

inline settle() {
    grant_tickets();
    if
    :: idle ->
        look_for_work();
        if
        :: visible -> wake_one()
        :: else -> arm_all()
        fi;
        visible = false
    :: else
    fi
}

inline poll() {
    if
    :: !limit[_pid]
    :: limit[_pid] ->
#ifdef FLAGS_FIRST
        atomic { was = request[_pid]; request[_pid] = 0 };
        limit[_pid] = 0;
#else
        limit[_pid] = 0;
        atomic { was = request[_pid]; request[_pid] = 0 };
#endif
        if
        :: was ->
            was = 0;
            atomic { job[_pid] = is_public; public[_pid]++ };
            has_public[_pid] = 1;
            if :: public[_pid] > 0 && idle -> wake_one() :: else fi
        :: else
        fi
    fi
}

/* The first half of a fork. It may last until nobody else can do anything: then this thread has to
   be armed, or nobody is idle, or what it has public is on its way to somebody. */
inline first_half() {
    if
    :: skip
    :: true -> timeout;
        assert(free <= 0 || (tickets == 0 && public[_pid] == 0 && limit[_pid] && request[_pid]))
    fi
}

inline join() {
    if
    :: job[_pid] == is_private
    :: else ->
        atomic {
            if
            :: public[_pid] > 0 -> public[_pid]--; got = true
            :: else -> got = false
            fi
        };
        if
        :: got
        :: else ->
            if
            :: job[_pid] == is_done     /* within the spin */
            :: true ->
                woken[_pid] = 0;
#ifdef LATE_WAIT
                if
                :: job[_pid] == is_done -> got = true
                :: else -> waiting[_pid] = 1
                fi;
#else
                atomic {
                    if
                    :: job[_pid] == is_done -> got = true
                    :: else -> waiting[_pid] = 1
                    fi
                };
#endif
                if
                :: got
                :: else ->
                    running[_pid] = 0;
                    free++;
#ifndef NO_SETTLE_AT_JOIN
                    settle();
#endif
                    woken[_pid] == 1;
                    running[_pid] = 1;
                    if :: free > 0 -> arm(_pid) :: else fi;
                    assert(job[_pid] == is_done)
                fi
            fi
        fi
    fi;
    d_step { got = false; waiting[_pid] = 0 }
}

active [GUESTS] proctype a_guest() {
    byte mask, guest = NOBODY, forks; bool was, got, visible;
    atomic {
        if
        :: free > 0 -> free--; got = true
        :: else -> got = false
        fi
    };
    if
    :: got -> got = false
    :: else ->
        woken[_pid] = 0;
        queue ! _pid;
        tickets++;
        settle();
        woken[_pid] == 1
    fi;
    atomic { request[_pid] = 1; limit[_pid] = 1; running[_pid] = 1 };
    settle();
    do
    :: forks < (_pid == 0 -> FORKS0 : FORKS1) ->
        forks++;
        job[_pid] = is_private;
        poll();
        first_half();
        join()
    :: else -> break
    od;
    forks = 0;
    running[_pid] = 0;
    free++;
    settle();
    left++
}

inline sleep_as_spare(free_more, searchers_less) {
    atomic { woken[_pid] = 0; spare[_pid] = 1 };
    atomic { free = free + free_more; searchers = searchers - searchers_less }
}

active [WORKERS] proctype a_worker() {
    byte mask, guest = NOBODY, taken = NOBODY; bool was, got, visible;
    spare[_pid] = 1;    /* run_thread() of a thread that nobody waits for */
    settle();
end_asleep:
    woken[_pid] == 1;
search:
    if :: free < 0 -> goto give_up :: else fi;
    if
    :: tickets > 0 ->
        grant_tickets();
        pop_ticket();
        if
        :: guest != NOBODY ->
            taken = guest;
            sleep_as_spare(0, 1);
            woken[taken] = 1;
            d_step { taken = NOBODY; guest = NOBODY; got = false };
            settle();
            goto end_asleep
        :: else
        fi;
        d_step { guest = NOBODY; got = false }
    :: else
    fi;
    /* One victim, any whose bit is set. */
    if
    :: taken = 0
    :: GUESTS > 1 -> taken = 1
    fi;
    if
    :: has_public[taken] ->
        atomic {
            if
            :: public[taken] > 0 -> public[taken]--; job[taken] = is_taken; got = true
            :: else -> got = false
            fi
        };
        if
        :: got -> got = false; goto begin_task
        :: else ->
            has_public[taken] = 0;
#ifndef NO_SECOND_LOOK
            if :: public[taken] > 0 -> has_public[taken] = 1 :: else fi
#endif
        fi
    :: !has_public[taken] && running[taken] -> arm(taken)
    :: else
    fi;
    taken = NOBODY;
    if
    :: goto search
    :: goto give_up     /* the spin is over */
    fi;
begin_task:
    searchers--;
    settle();
#ifdef CHAINED
    if :: taken == 0 -> left == 1      /* guest 1 has left: guest 0 waits for this job */ :: else fi;
#endif
    /* finish(): the last touch of the job */
    atomic { job[taken] = is_done; was = waiting[taken] };
    if :: was -> free--; woken[taken] = 1 :: else fi;
    d_step { was = false; taken = NOBODY };
    atomic {
        if
        :: free >= 0 -> searchers++; got = true
        :: else -> got = false
        fi
    };
    if
    :: got -> got = false; goto search
    :: else ->
        sleep_as_spare(1, 0);
        settle();
        goto end_asleep
    fi;
give_up:
    sleep_as_spare(1, 1);
#ifndef NO_SETTLE_AT_PARK
    settle();
#endif
    goto end_asleep
}

/* Quiescence: every guest has left, every worker sleeps as a spare thread, everything is back. */
active proctype monitor() {
    byte k;
    left == GUESTS;
    timeout;
    assert(free == PLACES && searchers == 0 && tickets == 0);
    for (k : 0 .. N - 1) {
        assert(public[k] == 0 && !running[k]);
        assert(k < GUESTS || spare[k])
    }
}
