package b24

import "runtime"

// concurrently lets up to n tasks run at once, each in a goroutine of its own, and
// takes their results as they come. start returns the next task; nil: none for now.
// It ends when there is none and none runs, or when take wants no more. start and
// take run in the goroutine of the caller. However it is left, by a panic as well,
// stop is called and what still runs is waited for; a task that panics does so in
// the goroutine of the caller.
func concurrently[T any](n int, stop func(), start func() func() T, take func(T) bool) {
	results, running := make(chan outcome[T], n), 0
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
			go runTask(task, results)
		}
		if running == 0 {
			return
		}
		o := <-results
		running--
		if !take(o.get()) {
			return
		}
	}
}

// outcome is how a task ended.
type outcome[T any] struct {
	value    T
	returned bool
	panicked any
}

func runTask[T any](task func() T, results chan<- outcome[T]) {
	var o outcome[T]
	defer func() {
		if !o.returned {
			o.panicked = recover()
		}
		results <- o
	}()
	o.value, o.returned = task(), true
}

func (o outcome[T]) get() T {
	switch {
	case o.returned:
	case o.panicked != nil:
		panic(o.panicked) //nolint:forbidigo // it is the caller's own, from another goroutine
	default:
		runtime.Goexit()
	}
	return o.value
}
