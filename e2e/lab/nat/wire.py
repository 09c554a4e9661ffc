"""A wire between two network namespaces whose delay, loss and rate change while it runs: a netem for kernels that have none.

    wire.py NAMESPACE INTERFACE NAMESPACE INTERFACE

Makes a TAP device at either end, and says "up". Each line on standard input is "DELAY_MS LOSS_PERCENT RATE_MBIT" (rate 0: any),
for both directions alike. Keeps order. When standard input ends, so does the wire, and its devices with it.
"""

import collections
import ctypes
import fcntl
import os
import random
import selectors
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP_NO_HEADER = 0x0002 | 0x1000
LONGEST_QUEUE_S = 0.2


def enter(descriptor):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter the network namespace")


def tap_in(namespace, interface):
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open("/run/netns/" + namespace, os.O_RDONLY)
    try:
        enter(there)
        tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", interface.encode(), IFF_TAP_NO_HEADER))
        return tap
    finally:
        enter(home)
        os.close(there)
        os.close(home)


class Direction:
    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.queue = collections.deque()
        self.free_at = 0.0

    def read(self, delay, loss, bytes_per_s):
        now = time.monotonic()
        for _ in range(256):
            try:
                packet = os.read(self.source, 4096)
            except BlockingIOError:
                return
            if random.random() < loss:
                continue
            begins = max(now, self.free_at) if bytes_per_s else now
            if begins - now > LONGEST_QUEUE_S:
                continue  # the tail is dropped, as a router's queue does
            self.free_at = begins + (len(packet) / bytes_per_s if bytes_per_s else 0)
            self.queue.append((self.free_at + delay, packet))

    def write(self):
        now = time.monotonic()
        while self.queue and self.queue[0][0] <= now:
            _, packet = self.queue.popleft()
            try:
                os.write(self.sink, packet)
            except OSError:
                pass  # the other end is down: so is the packet


def main():
    one, two = tap_in(*sys.argv[1:3]), tap_in(*sys.argv[3:5])
    ways = {one: Direction(one, two), two: Direction(two, one)}
    delay = loss = bytes_per_s = 0.0
    ready = selectors.DefaultSelector()
    for descriptor in (sys.stdin.fileno(), one, two):
        ready.register(descriptor, selectors.EVENT_READ)
    print("up", flush=True)
    while True:
        due = [way.queue[0][0] for way in ways.values() if way.queue]
        wait = max(0.0, min(due) - time.monotonic()) if due else None
        for key, _ in ready.select(wait):
            if key.fd in ways:
                ways[key.fd].read(delay, loss, bytes_per_s)
                continue
            line = os.read(key.fd, 4096).decode()
            if not line:
                return
            numbers = [float(part) for part in line.strip().splitlines()[-1].split()]
            delay, loss, bytes_per_s = numbers[0] / 1e3, numbers[1] / 100, numbers[2] * 1e6 / 8
        for way in ways.values():
            way.write()


main()
