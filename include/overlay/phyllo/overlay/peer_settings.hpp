// What an operator can set of a peer: section [overlay] of the configuration file, as far as this tier acts on it.
#pragma once

#include <chrono>
#include <cstdint>

namespace phyllo::overlay {

struct storage_settings {
  unsigned replicas = 5;                                // k: nodes that hold a record, the root and its nearest k - 1
  std::uint64_t records_max = 1'000'000;                // values held at this node, tombstones included
  std::uint64_t record_bytes_max = 1024 * 1024 * 1024;  // of their StoredData
};

struct peer_settings : storage_settings {
  unsigned leaf_set = 32;              // |L|: nodes kept on both sides together; even, >= 4k for storage's promise
  unsigned digit_bits = 4;             // b: bits per digit of the routing table
  unsigned neighborhood = 32;          // |M|
  std::chrono::seconds heartbeat{30};  // Tls: to the left neighbour when nothing else was sent
};

}  // namespace phyllo::overlay
