// Bodies of Ping (RFC 6940 s.6.5.3), Probe (s.6.4.2.5) and PathTrack (RFC 7851 s.4.3, s.5).
//
//   PingReq:       length (2) padding                 PingAns: response_id (8) | time (8), Unix milliseconds
//   ProbeReq:      length (1) types (1 each)          ProbeAns: length (2): type (1) | length (1) = 4 | value (4)
//   PathTrackReq:  Destination | DiagnosticsRequest   PathTrackAns: Destination | DiagnosticsResponse
//   DiagnosticsRequest:   expiration (8) | timestamp_initiated (8) | dMFlags (8) | ext_length (4) |
//                         length (4): kind (2), length (4) content; ...
//   DiagnosticsResponse:  expiration (8) | timestamp_initiated (8) | timestamp_received (8) | hop_counter (1) | ext_length (4) |
//                         length (4): kind (2), length (2) content; ...
//   ext_length is the length of the list that follows, which has its length in front of it, too.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/destination.hpp"

namespace phyllo::overlay {

// All `read` functions: invalid_message with the structure's name.

[[nodiscard]] core::bytes encode_ping_request(std::size_t padding = 0);
[[nodiscard]] core::status check_ping_request(core::byte_view body);

struct ping_answer {
  std::uint64_t response_id = 0;
  std::uint64_t time_ms = 0;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<ping_answer> decode(core::byte_view body);
  friend bool operator==(const ping_answer&, const ping_answer&) = default;
};

enum class probe_information : std::uint8_t { responsible_set = 1, num_resources = 2, uptime = 3 };

struct probe_request {
  std::vector<std::uint8_t> requested;  // probe_information; unknown ones are not answered
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<probe_request> decode(core::byte_view body);
  friend bool operator==(const probe_request&, const probe_request&) = default;
};

struct probe_answer {
  std::vector<std::pair<probe_information, std::uint32_t>> values;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<probe_answer> decode(core::byte_view body);
  friend bool operator==(const probe_answer&, const probe_answer&) = default;
};

// What can be asked of a node (RFC 7851 s.9.2); the flag of kind k is bit k of dMFlags.
namespace diagnostic_kind {
constexpr std::uint16_t status_info = 0x1;         // 8 bits: 0 no load .. 15 congestion
constexpr std::uint16_t routing_table_size = 0x2;  // 32 bits: peers
constexpr std::uint16_t app_uptime = 0x8;          // 64 bits: seconds
constexpr std::uint16_t instances_stored = 0xb;    // Kind-ID (4), number (8), for each Kind that is held
}  // namespace diagnostic_kind
[[nodiscard]] constexpr std::uint64_t diagnostic_flag(std::uint16_t kind) noexcept { return std::uint64_t{1} << kind; }
constexpr std::uint64_t all_diagnostics = ~std::uint64_t{0};
// MessageExtension of a Ping and its answer: a DiagnosticsRequest, a DiagnosticsResponse (RFC 7851 s.6.1, s.9.6).
constexpr std::uint16_t diagnostic_ping_extension = 2;

struct diagnostic {  // DiagnosticExtension of a request, DiagnosticInfo of an answer
  std::uint16_t kind = 0;
  core::bytes content;
  friend bool operator==(const diagnostic&, const diagnostic&) = default;
};

struct diagnostics_request {
  std::uint64_t expiration_ms = 0;  // Unix; 1 to 600 s ahead
  std::uint64_t initiated_ms = 0;
  std::uint64_t flags = 0;
  std::vector<diagnostic> extensions;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<diagnostics_request> decode(core::byte_view content);
  friend bool operator==(const diagnostics_request&, const diagnostics_request&) = default;
};

// What a payload (message.hpp) on its way asks for: of a PathTrackReq, or of a PingReq with the extension. Nothing: it is no diagnosis.
[[nodiscard]] std::optional<diagnostics_request> diagnostics_in(core::byte_view payload);

struct diagnostics_response {
  std::uint64_t expiration_ms = 0;
  std::uint64_t initiated_ms = 0;
  std::uint64_t received_ms = 0;
  std::uint8_t hop_counter = 0;  // TTL of the request as received
  std::vector<diagnostic> infos;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<diagnostics_response> decode(core::byte_view content);
  [[nodiscard]] const core::bytes* find(std::uint16_t kind) const;  // null: not told
  friend bool operator==(const diagnostics_response&, const diagnostics_response&) = default;
};

struct path_track_request {
  destination target;
  diagnostics_request request;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<path_track_request> decode(core::byte_view body);
  friend bool operator==(const path_track_request&, const path_track_request&) = default;
};

struct path_track_answer {
  destination next_hop;  // the answerer itself: it is the destination's root
  diagnostics_response response;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<path_track_answer> decode(core::byte_view body);
  friend bool operator==(const path_track_answer&, const path_track_answer&) = default;
};

}  // namespace phyllo::overlay
