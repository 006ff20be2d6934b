// Route information (RFC 3261 s.16.4) and Record-Route (s.16.6 step 4): which requests name a dialog that runs through this node, and
// what makes later ones come back. What a token says authorises nothing by itself: see dialog_authority.hpp.
#pragma once

#include <optional>
#include <string>

#include "dialog_token.hpp"
#include "message.hpp"
#include "own_names.hpp"

namespace phyllo::sip {

struct route_information {
  std::optional<dialog_token> dialog;  // a Record-Route URI with a token of the domain's led here, be it this node's or one's that died
  std::optional<path_token> path;      // a Path URI with a token led here
  bool lost = false;                   // a URI of ours with a user that is no token, or none any more
  bool circles = false;                // it names us again and again: more often than any route set does
};

// Takes our own URIs off the Route, and undoes strict routing. Of tokens the first one, and its like where the same node record-routed
// twice.
route_information take_route(message& m, const own_names& own, const token_sealer& sealer);

// Puts the dialog's token, with how each end is spoken to: once where both ends speak the same transport or one hangs on another node,
// else once for each, the callee's on top (RFC 5658).
void record_route(message& m, const own_names& own, const token_sealer& sealer, const dialog_token& t);

// Where the phone that sent `m` straight to us by UDP listens, if its Contact tells: its host is the address that the
// request came from, so no NAT lies between (the port may be another). nullopt: only the flow leads back.
[[nodiscard]] std::optional<transport::endpoint> reachable_contact(const message& m, const source& from);

// The end of a dialog that `m` begins. Its user, and the authority of its node, are for the caller to fill in.
[[nodiscard]] dialog_end caller_end(const message& m, const source& from);

}  // namespace phyllo::sip
