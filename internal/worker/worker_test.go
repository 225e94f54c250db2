package worker_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/worker"
)

// carried is what Get does in a goroutine other than the one that the task ran in.
func carried(task func() int) (got int, returned bool, panicked any) {
	outcomes, ended := make(chan worker.Outcome[int], 1), make(chan struct{})
	go worker.Run(task, func(o worker.Outcome[int]) { outcomes <- o })
	go func() {
		defer close(ended)
		defer func() { panicked = recover() }()
		got = (<-outcomes).Get()
		returned = true
	}()
	<-ended
	return got, returned, panicked
}

func TestOutcomeIsThatOfTheTask(t *testing.T) {
	t.Parallel()
	got, returned, panicked := carried(func() int { return 7 })
	assert.Equal(t, 7, got)
	assert.True(t, returned)
	assert.Nil(t, panicked)

	_, returned, panicked = carried(func() int { panic("mine") })
	assert.False(t, returned)
	assert.Equal(t, "mine", panicked)

	_, returned, panicked = carried(func() int { runtime.Goexit(); return 7 })
	assert.False(t, returned)
	assert.Nil(t, panicked)
}
