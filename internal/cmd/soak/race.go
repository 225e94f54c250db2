//go:build race

package main

// race says that the program was built with the race detector.
func race() string { return ", -race" }
