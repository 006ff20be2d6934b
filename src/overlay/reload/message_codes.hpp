// Message and error codes (RFC 6940 s.14.8, s.14.9; RFC 7851 s.9.4, s.9.5) and overlay extensions.
#pragma once

#include <cstdint>
#include <string>

#include "phyllo/core/bytes.hpp"

namespace phyllo::overlay {

// Requests are odd, an answer is its request's code plus one.
namespace code {
constexpr std::uint16_t probe_req = 0x01;
constexpr std::uint16_t attach_req = 0x03;
constexpr std::uint16_t store_req = 0x07;
constexpr std::uint16_t fetch_req = 0x09;
constexpr std::uint16_t find_req = 0x0d;
constexpr std::uint16_t join_req = 0x0f;
constexpr std::uint16_t leave_req = 0x11;
constexpr std::uint16_t update_req = 0x13;
constexpr std::uint16_t route_query_req = 0x15;
constexpr std::uint16_t ping_req = 0x17;
constexpr std::uint16_t stat_req = 0x19;
constexpr std::uint16_t app_attach_req = 0x1d;
constexpr std::uint16_t config_update_req = 0x21;
constexpr std::uint16_t path_track_req = 0x27;
constexpr std::uint16_t error = 0xffff;
}  // namespace code

[[nodiscard]] constexpr bool is_request(std::uint16_t c) noexcept { return c < 0x8000 && c % 2 == 1; }

namespace error_code {
constexpr std::uint16_t forbidden = 0x02;
constexpr std::uint16_t not_found = 0x03;
constexpr std::uint16_t request_timeout = 0x04;
constexpr std::uint16_t generation_counter_too_low = 0x05;
constexpr std::uint16_t incompatible_with_overlay = 0x06;
constexpr std::uint16_t unsupported_forwarding_option = 0x07;
constexpr std::uint16_t data_too_large = 0x08;
constexpr std::uint16_t data_too_old = 0x09;
constexpr std::uint16_t ttl_exceeded = 0x0a;
constexpr std::uint16_t message_too_large = 0x0b;
constexpr std::uint16_t unknown_kind = 0x0c;
constexpr std::uint16_t unknown_extension = 0x0d;
constexpr std::uint16_t response_too_large = 0x0e;
constexpr std::uint16_t config_too_old = 0x0f;
constexpr std::uint16_t config_too_new = 0x10;
constexpr std::uint16_t in_progress = 0x11;
constexpr std::uint16_t invalid_message = 0x14;
constexpr std::uint16_t underlay_destination_unreachable = 0x15;
constexpr std::uint16_t underlay_time_exceeded = 0x16;
constexpr std::uint16_t message_expired = 0x17;
constexpr std::uint16_t upstream_misrouting = 0x18;
constexpr std::uint16_t loop_detected = 0x19;
constexpr std::uint16_t ttl_hops_exceeded = 0x1a;
}  // namespace error_code

// "ping", "store", ...: of a request or answer, for the `code` label of metrics. "other" when unknown.
[[nodiscard]] std::string code_name(std::uint16_t c);
// "Error_Forbidden", ...; the number when unknown.
[[nodiscard]] std::string error_name(std::uint16_t e);

}  // namespace phyllo::overlay
