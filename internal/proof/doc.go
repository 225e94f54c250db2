// Package proof holds the long tests of the whole library against the fake portal, and its
// benchmarks. It has no code of its own.
//
// A plain run covers a sample of each proof. B24_PROOF=full covers what .ci/run does, and
// B24_PROOF=long what .ci/run long does. Some proofs of the root package scale in the same way.
//
//	proof                                       sample           full              long
//	a million rows, read in six ways            300,000 rows     1,000,000 rows    1,000,000 rows
//	lists return the rows of their parameters   100 seeds        400 seeds         10,000 seeds
//	the same in REST 3.0                        100 seeds        400 seeds         10,000 seeds
//	writes store the values of the program      200 seeds        800 seeds         10,000 seeds
//	a batch carries what a call carries         600 seeds        3,000 seeds       30,000 seeds
//	lists of every family, in four ways         3 sizes          5 sizes           5 sizes
//	lists that lie from some page on            pages 1 and 3    pages 1 to 4      pages 1 to 4
//	root: lists of REST 3.0 under every cap     28 caps          1,000 caps        1,000 caps
//	root: faults never double a write, twice    8 x 50 calls     20 x 500 calls    20 x 5,000 calls
//	root: chunks report what happened           60 seeds         300 seeds         3,000 seeds
//
// The others always run in full: every documented request and list, 10,000 commands under faults,
// what may leak, and, not under -race, the memory and the requests of long lists.
package proof
