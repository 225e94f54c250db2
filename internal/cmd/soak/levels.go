package main

import (
	"context"
	"net"
	"os"
	"runtime"
	"time"
)

// levels are the resources that a process uses.
type levels struct {
	goroutines int
	heap       uint64 // bytes after a collection
	conns      int    // at the servers
	files      int    // open files; -1 if the system does not report them
}

// measure collects garbage and counts.
func measure(conns int) levels {
	var m runtime.MemStats
	runtime.GC() // the second one frees what the finalizers of the first one released
	runtime.GC()
	runtime.ReadMemStats(&m)
	return levels{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc, conns: conns, files: openFiles()}
}

// warm opens what a process keeps open after its first connection.
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

// heapSlack is the accepted variation of a heap that does not grow, in bytes.
const heapSlack = 2 << 20

// flat reports levels that are higher after than before. For the heap, see flatHeap.
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

// highest returns the higher value of each level.
func (l levels) highest(other levels) levels {
	return levels{
		goroutines: max(l.goroutines, other.goroutines), heap: max(l.heap, other.heap),
		conns: max(l.conns, other.conns), files: max(l.files, other.files),
	}
}

// until waits, for d at most, until done reports true.
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
