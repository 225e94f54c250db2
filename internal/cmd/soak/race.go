//go:build race

package main

// race reports that the program was built with the race detector.
func race() string { return ", -race" }
