package limit

import "time"

// Lane is a queue of callers.
type Lane int

// The lanes.
const (
	// Interactive callers come first.
	Interactive Lane = iota
	// Background callers leave some tokens to the interactive ones.
	Background

	lanes
)

// waiter is a place in a queue.
type waiter struct {
	ready    chan error    // gets one value: nil with a token, or the error
	lead     chan struct{} // wakes who asks the store for all; nil: the budget is not shared
	deadline time.Time     // zero if none
	reason   Reason
	lane     Lane
	queued   bool
	prev     *waiter
	next     *waiter
}

// queue is a first-in, first-out list that allows giving up a place in the middle.
type queue struct {
	head, tail *waiter
	n          int
}

func (q *queue) push(w *waiter) {
	w.prev, w.queued = q.tail, true
	if q.tail == nil {
		q.head = w
	} else {
		q.tail.next = w
	}
	q.tail = w
	q.n++
}

func (q *queue) remove(w *waiter) {
	if w.prev == nil {
		q.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		q.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.queued = false
	q.n--
}

// lines are the queues of all lanes.
type lines [lanes]queue

func (l *lines) n() int { return l[Interactive].n + l[Background].n }

// first returns the first interactive caller, or the first one at all.
func (l *lines) first() *waiter {
	if w := l[Interactive].head; w != nil {
		return w
	}
	return l[Background].head
}
