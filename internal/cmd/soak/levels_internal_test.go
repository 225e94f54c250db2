package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLevelsThatRiseAreFound(t *testing.T) {
	t.Parallel()
	base := levels{goroutines: 5, heap: 1 << 20, conns: 0, files: 9}
	for name, test := range map[string]struct {
		after levels
		want  int
	}{
		"same":               {base, 0},
		"less":               {levels{}, 0},
		"a goroutine":        {levels{goroutines: 6, heap: base.heap, files: 9}, 1},
		"a connection":       {levels{goroutines: 5, heap: base.heap, conns: 1, files: 9}, 1},
		"a file":             {levels{goroutines: 5, heap: base.heap, files: 10}, 1},
		"heap within slack":  {levels{goroutines: 5, heap: base.heap + heapSlack, files: 9}, 0},
		"heap beyond slack":  {levels{goroutines: 5, heap: base.heap + heapSlack + 1, files: 9}, 1},
		"everything at once": {levels{goroutines: 6, heap: 9 << 20, conns: 1, files: 10}, 4},
	} {
		found := &findings{}

		flat("test", base, test.after, found)
		flatHeap("test", base, test.after, found)

		assert.Equal(t, test.want, found.count(notFlat), name)
	}
}

func TestMeasureSeesGoroutinesAndHeap(t *testing.T) { //nolint:paralleltest // others would be counted
	before := measure(3)
	stop, ended := make(chan struct{}), make(chan struct{})
	held := make([]byte, 8<<20)
	go func() { <-stop; close(ended) }()

	after := measure(4)

	held[0] = 1
	close(stop)
	<-ended
	assert.Equal(t, 3, before.conns)
	assert.Greater(t, after.goroutines, before.goroutines)
	assert.Greater(t, after.heap, before.heap+(7<<20))
	assert.Equal(t, levels{goroutines: 5, heap: 9, conns: 7, files: 2},
		levels{goroutines: 5, heap: 1, conns: 7, files: 1}.highest(levels{goroutines: 2, heap: 9, conns: 3, files: 2}))
}
