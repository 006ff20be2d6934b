// What a supernode tells another one of how much less it should send (RFC 7339): parameters of Via, put into the responses that go to it.
// Texts only; who tells, and who obeys, is told in overload_guard.hpp and neighbour_loads.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/time.hpp"

namespace phyllo::sip {

struct overload_report {
  std::uint32_t percent = 0;                                        // of requests that begin something: not to be sent
  std::chrono::milliseconds validity{};                             // s.4.3; 0: nothing is to be held back
  std::uint64_t sequence = 0;                                       // rising, in 10 us; a smaller one is an old one
  static constexpr std::chrono::milliseconds usual{500};            // where none is said
  static constexpr std::chrono::milliseconds validity_max{60'000};  // so long at most is one believed
};

// s.4.1, s.4.2: of the topmost Via of a request to a supernode.
inline constexpr std::string_view overload_offer = ";oc;oc-algo=\"loss\"";

// Into the topmost Via of a response. False, and nothing is changed, if the request that it answers has not asked for it, or takes other
// algorithms only.
bool write_report(std::string& response, const overload_report& r);

// Of a Via value; nullopt: it says nothing, or nothing that can be read. A validity beyond validity_max is cut.
[[nodiscard]] std::optional<overload_report> read_report(std::string_view via);

}  // namespace phyllo::sip
