package b24redis_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// BenchmarkUpdate measures what taking from a shared budget costs, beside a store in memory.
func BenchmarkUpdate(b *testing.B) {
	rdb := shared(b)
	for name, store := range map[string]b24.Store{"memory": b24.MemoryStore(), "redis": open(b, rdb, prefix(b, rdb))} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, add(b.Context(), store, "n", time.Hour, new(atomic.Int64)))
			}
		})
	}
}
