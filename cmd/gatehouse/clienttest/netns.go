package clienttest

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// inNetwork runs a function on a thread that is in the network of the host. Sockets made by it stay there, whoever uses them.
func (h *Host) inNetwork(do func() error) error {
	network, err := os.Open("/proc/" + strconv.Itoa(h.pid) + "/ns/net")
	if err != nil {
		return err
	}
	defer network.Close()
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine, and nobody else gets into this network
		if err := unix.Setns(int(network.Fd()), unix.CLONE_NEWNET); err != nil {
			result <- fmt.Errorf("enter the network of the host: %w", err)
			return
		}
		result <- do()
	}()
	return <-result
}

// Listen listens on an address of the host, for the test.
func (h *Host) Listen(address string) (l net.Listener, err error) {
	err = h.inNetwork(func() (err error) {
		l, err = net.Listen("tcp", address)
		return err
	})
	return l, err
}

// Dial connects to an address of the host, such as 127.0.0.1:389.
func (h *Host) Dial(address string) (c net.Conn, err error) {
	err = h.inNetwork(func() (err error) {
		c, err = net.Dial("tcp", address)
		return err
	})
	return c, err
}
