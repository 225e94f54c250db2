package b24sql_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// BenchmarkUpdate measures what taking from a shared budget costs, beside a store in memory.
func BenchmarkUpdate(b *testing.B) {
	b.Run("memory", func(b *testing.B) { updates(b, b24.MemoryStore()) })
	for name, open := range map[string]func(tb testing.TB) engine{
		"postgres": postgres,
		"mysql":    func(tb testing.TB) engine { tb.Helper(); return mysql(tb, "") },
		"mysql, one trip": func(tb testing.TB) engine {
			tb.Helper()
			return mysql(tb, "interpolateParams=true")
		},
		"sqlite": func(tb testing.TB) engine { tb.Helper(); return sqlite(tb, wal) },
	} {
		b.Run(name, func(b *testing.B) { updates(b, open(b).migrated(b).store(b)) })
	}
}

func updates(b *testing.B, store b24.Store) {
	b.Helper()
	for b.Loop() {
		require.NoError(b, add(b.Context(), store, "n", time.Hour, new(atomic.Int64)))
	}
}
