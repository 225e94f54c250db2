package b24

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/b24go/b24/internal/worker"
)

// A batch has 60 s at the portal (docs/protocol.md 7.2): chunks shrink before, and grow
// again when they are quick.
const (
	slowChunk  = 25 * time.Second
	quickChunk = 10 * time.Second
)

// chunkSize is how many commands go together.
type chunkSize int

// after returns the size of the chunks to come, after one of so many commands. What
// counts is its own size: others of an older size may be under way beside it.
func (s chunkSize) after(sent int, c chunk) chunkSize {
	lost, isLost := errors.AsType[*TransportError](c.lost)
	switch {
	case c.longest > slowChunk, isLost && lost.known == OutcomeUnknown:
		return min(s, max(1, chunkSize(sent)/2))
	case c.longest < quickChunk:
		return max(s, min(maxCommands, 2*chunkSize(sent)))
	default:
		return s
	}
}

// cuts tells where a batch may be cut without parting commands that refer to each
// other: cuts[i] is before command i. It counts the references that begin and end at each
// command, for all may lead to the first one.
func cuts(all []*job) []bool {
	begin := make([]int, len(all)+2)
	for _, j := range all {
		for _, ref := range j.refs {
			begin[ref.to+1]++
			begin[j.index+1]--
		}
	}
	free, over := make([]bool, len(all)+1), 0
	for i := range free {
		over += begin[i]
		free[i] = over == 0
	}
	return free
}

// cut returns the end of the chunk that begins at from: size commands, fewer or
// more where commands refer to each other; false where most are not enough.
func cut(free []bool, from int, size chunkSize, most int) (int, bool) {
	last := len(free) - 1
	end := min(from+int(size), last)
	for i := end; i > from; i-- {
		if free[i] {
			return i, true
		}
	}
	for i := end + 1; i <= min(from+most, last); i++ {
		if free[i] {
			return i, true
		}
	}
	return 0, false
}

// checkCuts makes sure that every chunk has an end.
func checkCuts(free []bool, most int) error {
	for from := 0; from < len(free)-1; {
		end, ok := cut(free, from, 1, most)
		if !ok {
			return ErrBatchTooLong
		}
		from = end
	}
	return nil
}

// chunk is what is known of the requests that some commands took.
type chunk struct {
	time    Timing        // of the last request
	longest time.Duration // of all requests, at the portal
	lost    error         // the last request failed as a whole
}

// sentJobs are jobs that went together.
type sentJobs struct {
	chunk

	jobs []*job
}

// chunked sends all jobs of a batch by chunks.
func (c *client) chunked(ctx context.Context, d dialect, all []*job, o callOptions) (chunk, error) {
	most := maxCommands
	if o.singly {
		most = len(all)
	}
	free := cuts(all)
	if err := checkCuts(free, most); err != nil {
		return chunk{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var last chunk
	size, from, done, halted := chunkSize(maxCommands), 0, 0, false
	b := c.newBatch(d, all, o)
	concurrently(o.workers(), cancel,
		func() func() sentJobs {
			if halted || from == len(all) {
				return nil
			}
			end, _ := cut(free, from, size, most)
			jobs := all[from:end]
			from = end
			return func() sentJobs { return sentJobs{b.chunk(ctx, jobs), jobs} }
		},
		func(sent sentJobs) bool {
			size = size.after(len(sent.jobs), sent.chunk)
			last = sent.chunk
			done += len(sent.jobs)
			o.report(Progress{Done: done, Total: len(all)})
			halted = halted || b.stops() && slices.ContainsFunc(sent.jobs, (*job).failed)
			return true
		})
	for _, j := range all[from:] {
		j.answer = c.failed(j, ErrNotExecuted)
	}
	return last, nil
}

// chunk sends jobs in a run of their own.
func (b *batch) chunk(ctx context.Context, jobs []*job) chunk {
	run := batchRun{batch: *b}
	run.run(ctx, jobs)
	return chunk{run.time, run.longest, run.whole}
}

// concurrently lets up to n tasks run at once, each in a goroutine of its own, and
// takes their results as they come. start returns the next task; nil: none for now.
// It ends when there is none and none runs, or when take wants no more. start and
// take run in the goroutine of the caller. However it is left, by a panic as well,
// stop is called and what still runs is waited for; a task that panics does so in
// the goroutine of the caller.
func concurrently[T any](n int, stop func(), start func() func() T, take func(T) bool) {
	results, running := make(chan worker.Outcome[T], n), 0
	defer func() {
		stop()
		for range running {
			<-results
		}
	}()
	for {
		for running < n {
			task := start()
			if task == nil {
				break
			}
			running++
			go worker.Run(task, func(o worker.Outcome[T]) { results <- o })
		}
		if running == 0 {
			return
		}
		o := <-results
		running--
		if !take(o.Get()) {
			return
		}
	}
}
