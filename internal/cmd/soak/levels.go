package main

import (
	"context"
	"net"
	"os"
	"runtime"
	"time"
)

// levels are what a process uses up.
type levels struct {
	goroutines int
	heap       uint64 // bytes after a collection
	conns      int    // at the servers
	files      int    // open ones; -1 where the system does not tell
}

// measure collects garbage and counts.
func measure(conns int) levels {
	var m runtime.MemStats
	runtime.GC() // the second one frees what the first one's finalizers let go
	runtime.GC()
	runtime.ReadMemStats(&m)
	return levels{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc, conns: conns, files: openFiles()}
}

// warm opens what a process keeps open once it had a connection.
func warm(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	return l.Close()
}

func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// heapSlack is how much a heap that does not grow may differ, in bytes.
const heapSlack = 2 << 20

// flat reports what of after is more than before. Of the heap see flatHeap.
func flat(when string, before, after levels, found *findings) {
	if after.goroutines > before.goroutines {
		found.add(notFlat, "%s: %d goroutines, %d before", when, after.goroutines, before.goroutines)
	}
	if after.conns > before.conns {
		found.add(notFlat, "%s: %d connections, %d before", when, after.conns, before.conns)
	}
	if after.files > before.files {
		found.add(notFlat, "%s: %d open files, %d before", when, after.files, before.files)
	}
}

func flatHeap(when string, before, after levels, found *findings) {
	if after.heap > before.heap+heapSlack {
		found.add(notFlat, "%s: %d bytes of heap, %d before", when, after.heap, before.heap)
	}
}

// highest takes the higher of each level.
func (l levels) highest(other levels) levels {
	return levels{
		goroutines: max(l.goroutines, other.goroutines), heap: max(l.heap, other.heap),
		conns: max(l.conns, other.conns), files: max(l.files, other.files),
	}
}

// until waits for something that comes about in other goroutines, for d at most.
func until(ctx context.Context, d time.Duration, done func() bool) {
	const every = 5 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
