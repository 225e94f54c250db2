package b24

import "github.com/b24go/b24/internal/worker"

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
