// Bodies of Ping (RFC 6940 s.6.5.3), Probe (s.6.4.2.5) and PathTrack (RFC 7851 s.4.3, s.5).
//
//   PingReq:       length (2) padding                 PingAns: response_id (8) | time (8), Unix milliseconds
//   ProbeReq:      length (1) types (1 each)          ProbeAns: length (2): type (1) | length (1) = 4 | value (4)
//   PathTrackReq:  Destination | expiration (8) | timestamp_initiated (8) | dMFlags (8) | ext_length (4) | length (4) extensions
//   PathTrackAns:  Destination | expiration (8) | timestamp_initiated (8) | timestamp_received (8) | hop_counter (1) |
//                  ext_length (4) | length (4) infos
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "destination.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

// All `read` functions: invalid_message with the structure's name.

[[nodiscard]] core::bytes print_ping_request(std::size_t padding = 0);
[[nodiscard]] core::status check_ping_request(core::byte_view body);

struct ping_answer {
  std::uint64_t response_id = 0;
  std::uint64_t time_ms = 0;
  [[nodiscard]] core::bytes print() const;
  [[nodiscard]] static core::result<ping_answer> read(core::byte_view body);
  friend bool operator==(const ping_answer&, const ping_answer&) = default;
};

enum class probe_information : std::uint8_t { responsible_set = 1, num_resources = 2, uptime = 3 };

struct probe_request {
  std::vector<std::uint8_t> requested;  // probe_information; unknown ones are not answered
  [[nodiscard]] core::bytes print() const;
  [[nodiscard]] static core::result<probe_request> read(core::byte_view body);
  friend bool operator==(const probe_request&, const probe_request&) = default;
};

struct probe_answer {
  std::vector<std::pair<probe_information, std::uint32_t>> values;
  [[nodiscard]] core::bytes print() const;
  [[nodiscard]] static core::result<probe_answer> read(core::byte_view body);
  friend bool operator==(const probe_answer&, const probe_answer&) = default;
};

struct path_track_request {
  destination target;
  std::uint64_t expiration_ms = 0;  // Unix; 1 to 600 s ahead
  std::uint64_t initiated_ms = 0;
  std::uint64_t flags = 0;
  core::bytes extensions;
  [[nodiscard]] core::bytes print() const;
  [[nodiscard]] static core::result<path_track_request> read(core::byte_view body);
  friend bool operator==(const path_track_request&, const path_track_request&) = default;
};

struct path_track_answer {
  destination next_hop;  // the answerer itself: it is the destination's root
  std::uint64_t expiration_ms = 0;
  std::uint64_t initiated_ms = 0;
  std::uint64_t received_ms = 0;
  std::uint8_t hop_counter = 0;  // TTL of the request as received
  core::bytes infos;
  [[nodiscard]] core::bytes print() const;
  [[nodiscard]] static core::result<path_track_answer> read(core::byte_view body);
  friend bool operator==(const path_track_answer&, const path_track_answer&) = default;
};

}  // namespace phyllo::overlay
