// One request on its way through the proxy, from its arrival to the end of its server transaction.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dialog_authority.hpp"
#include "location.hpp"
#include "message.hpp"
#include "message_edit.hpp"
#include "record_route.hpp"
#include "response_context.hpp"
#include "ringing_calls.hpp"
#include "transaction_layer.hpp"
#include "trusted_headers.hpp"

namespace phyllo::sip {

inline constexpr std::size_t lookups_max = 20'000;  // requests that wait for the overlay

// One way to a target, ready to be sent along.
struct fork_way {
  std::string request_uri{};        // empty: as it is
  bool secure = false;              // the contact is a sips URI
  bool direct = false;              // straight to the contact, past the supernode where it is registered
  std::size_t flow = 0;             // of the phone's: rising
  std::vector<std::string> routes;  // to be put on top, first hop first
  std::size_t left_out = 0;         // Routes of the request that this way needs not
  destination to;
  std::optional<dialog_end> callee;  // what a dialog's token says of it; none: within a dialog, which has its tokens
};

inline void lead_along(message& m, const fork_way& w) {
  if (!w.request_uri.empty()) (void)set_request_uri(m, w.request_uri);
  pop_routes(m, w.left_out);
  for (auto route = w.routes.rbegin(); route != w.routes.rend(); ++route) push_route(m, *route);
}

// To an end of a dialog, or a registered phone.
[[nodiscard]] inline fork_way way_to(const dialog_end& e) {
  fork_way w;
  w.to = e.to();
  return w;
}

struct fork_target {
  std::string instance{};  // RFC 5626; empty: the phone has told none
  std::uint16_t q_thousandths = 1000;
  std::vector<fork_way> ways;
};

// Who has sent a request, as far as this node knows.
struct request_caller {
  standing who = standing::stranger;
  std::string user;                // of ours, who has shown his credentials
  std::uint64_t hash = 0;          // user_hash of a caller of ours who has proved it, here or at the node that sent it
  ringing_calls::caller bounds{};  // as far as bounds go
  ringing_calls::place ringing{};
  bool uniform = false;  // a stranger's: every refusal is the same (stranger_refusals.hpp)
};

// What a request within a dialog needs to find its other end, until it is answered finally.
struct request_dialog {
  std::unique_ptr<const dialog_token> token;  // what the Route said, whoever sent it; null: nothing
  side sender = side::caller;                 // who has sent this
  bool searching = false;                     // he is looked for: of his phones one knows the dialog
  std::unique_ptr<const dialog_end> lost;     // whom to look for when the known ways have failed; null: nobody
  std::vector<fork_way> spare;                // and ways that are left then

  void say(const std::optional<dialog_token>& t) { token = t ? std::make_unique<const dialog_token>(*t) : nullptr; }
};

// Along which ways it has been sent.
struct request_branches {
  std::vector<fork_target> targets;
  std::optional<response_context> responses;
  std::uint32_t breadth = 60;                   // for each branch
  std::vector<client_id> clients;               // by number
  std::vector<attempt> attempts;                // the same: where each leads
  std::vector<std::optional<message>> answers;  // the final ones, until one is chosen
  core::time_point due = core::time_point::max();
};

struct proxy_context {
  server_id id = server_id::none;
  std::shared_ptr<const message> request;  // until it is answered finally
  source from;
  std::optional<message> base;  // what branches copy: own routes taken off, one hop fewer
  std::uint64_t passage = 0;
  bool passing = false;  // the passage is among the proxy's
  bool invite = false;
  bool in_dialog = false;
  std::string domain;  // of the callee: whose key seals the tokens of a dialog that this request begins
  core::time_point arrived{};
  bool cancelled = false;
  bool to_phone = false;  // over a flow of ours, at another supernode's request
  bool answered = false;
  bool held_back = false;  // from a node that has said it is overloaded

  request_caller caller;
  request_dialog dialog;
  request_branches forked;
};

}  // namespace phyllo::sip
