// What a REGISTER asks for, and whether that may be asked (RFC 3261 s.10.3 steps 1 to 7, RFC 5626 s.6, RFC 5630 s.3.1): pure, and before
// anybody has said who sent it.
#pragma once

#include <optional>
#include <string>

#include "message.hpp"
#include "own_names.hpp"
#include "registration.hpp"

namespace phyllo::sip {

// nullopt: go on.
[[nodiscard]] std::optional<refusal> check_register(const message& m, const source& from, const own_names& own, std::size_t contacts_max);

// The phone registers a flow of an instance, and sees by itself when it has failed (RFC 5626).
[[nodiscard]] bool over_flow(const message& m);

// Of one that check_register lets pass. `own_path`: the URI by which others reach the phone through this node.
[[nodiscard]] registration_request read_register(const message& m, const source& from, const own_names& own, std::string own_path);

}  // namespace phyllo::sip
