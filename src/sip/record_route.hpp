// Route information (RFC 3261 s.16.4) and Record-Route (s.16.6 step 4, RFC 5658): which requests belong to dialogs that
// run through this node, and what makes later ones come back.
//
// Every Record-Route URI of ours bears a token signed for the dialog's Call-ID, and where a phone is reached only over
// its flow, that flow. So nobody gets a request relayed along a route that this node has not laid itself.
#pragma once

#include <optional>
#include <string>

#include "flow_token.hpp"
#include "message.hpp"
#include "own_names.hpp"

namespace phyllo::sip {

struct route_information {
  bool in_dialog = false;    // a Record-Route URI of ours, signed for this Call-ID, led here
  bool to_phone = false;     // a Path URI of ours led here
  bool lost_flow = false;    // a URI with a token that is none (any more)
  std::optional<flow> over;  // the next hop, by what the URIs say
};

// Takes our own URIs off the Route (two of them where we record-routed twice) and undoes strict routing.
route_information take_route(message& m, const own_names& own, const token_signer& signer, const source& from);

// One side of a dialog: how it is spoken to, and the flow if nothing else leads there.
struct dialog_side {
  protocol by = protocol::udp;
  std::optional<sip::flow> flow;
};

// One Record-Route where both sides speak the same transport and need no flow, else one for each, the callee's on top.
void record_route(message& m, const own_names& own, const token_signer& signer, const dialog_side& caller, const dialog_side& callee);

// Where the phone that sent `m` straight to us by UDP listens, if its Contact tells: its host is the address that the
// request came from, so no NAT lies between (the port may be another). nullopt: only the flow leads back.
[[nodiscard]] std::optional<transport::endpoint> reachable_contact(const message& m, const source& from);

// The caller's side: its flow is kept if the request came straight from the phone and its Contact does not lead there.
[[nodiscard]] dialog_side caller_side(const message& m, const source& from);

}  // namespace phyllo::sip
