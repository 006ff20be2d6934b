// The hearing half of call_branches: responses, failures, and the answer that goes back.
#include <utility>

#include "call_branches.hpp"
#include "message_edit.hpp"
#include "privacy.hpp"
#include "shard_post.hpp"

namespace phyllo::sip {
namespace {

// A failure of ours, as the caller is to see it. s.16.7 step 6: a 503 would make the caller's proxy avoid this one.
// RFC 4320 s.4.2: no 408 for other methods than INVITE.
int own_status(int status, bool invite) {
  if (status == 503 || status == 430) return 480;
  return status == 408 && !invite ? 480 : status;
}

}  // namespace

void call_branches::on_response(client_id id, message response, const source& from) {
  parts_.ways.heard_response(from, response);
  const auto [c, branch] = parts_.contexts.branch_of(id);
  if (c == nullptr) return;
  parts_.ways.answered(*c, branch, response.status());
  // The phone is a user's of ours.
  if (!parts_.trust.trusted_peer(from)) parts_.headers.clean(response, standing::user);
  const int status = response.status();
  if (c->dialog.searching && c->invite && status / 100 == 2) note_way_of_ack(*c, branch, response);
  auto step = c->forked.responses->on_response(branch, status, parts_.env.now(), from.peer ? answered_by::node : answered_by::phone);
  if (status >= 300 && !c->answered) {
    c->forked.answers.at(branch) = std::move(response);
    perform(*c, std::move(step), nullptr);
  } else {
    perform(*c, std::move(step), &response);
  }
}

void call_branches::on_failure(client_id id, int status) {
  const auto [c, branch] = parts_.contexts.branch_of(id);
  if (c != nullptr) perform(*c, c->forked.responses->on_failure(branch, status, parts_.env.now()), nullptr);
}

void call_branches::on_timer_c(client_id id) {
  const auto [c, branch] = parts_.contexts.branch_of(id);
  if (c != nullptr) perform(*c, c->forked.responses->on_timer_c(branch, parts_.env.now()), nullptr);
}

// After the final answer the ways are gone: a late 2xx is a repetition, or of a fork that a dialog has none of.
void call_branches::note_way_of_ack(const proxy_context& c, std::size_t branch, const message& response) {
  if (c.answered) return;
  const auto& a = c.forked.attempts.at(branch);
  parts_.acks.took(response, c.forked.targets.at(a.target).ways.at(a.way));
}

void call_branches::forward_response(proxy_context& c, message response) {
  const int status = response.status();
  pop_via(response);
  if (response.vias().empty()) return parts_.metrics.drop("sip_stray_response");
  if (c.caller.who != standing::trusted) hide_private(response);
  const bool success = status >= 200 && status < 300;
  if (success && c.invite && !c.in_dialog) {
    count_answered(response);
  }
  if (success && response.method() == method::bye) count_ended(response);
  parts_.replies.reply(c, std::move(response));
}

void call_branches::answer(proxy_context& c, const fork_step::verdict& v) {
  if (!v.branch && further_ != nullptr && further_->look_further(c)) return;
  if (parts_.strangers.told_uniformly(c, v.status)) return parts_.strangers.refuse(c);
  if (!v.branch) return answer_unheard(c, v.status);
  auto response = std::move(*c.forked.answers.at(*v.branch));
  for (const auto other : v.also_challenged) {
    for (const auto* name : {"WWW-Authenticate", "Proxy-Authenticate"}) {
      for (const auto& value : c.forked.answers.at(other)->headers(name)) (void)response.add_header(name, value);
    }
  }
  if (v.status == 503) set_status(response, 500);
  if (v.status == 430 && !c.to_phone) set_status(response, 480);  // the node that asks has other flows to try
  if (response.method() == method::bye) count_ended(response);
  forward_response(c, std::move(response));
}

// No phone has said anything that could be passed on.
void call_branches::answer_unheard(proxy_context& c, int status) {
  // The phone's own supernode says which flow has failed; the caller's has others to try.
  if (status == 503 && c.to_phone) return parts_.replies.reply(c, 430, "Flow Failed");
  // RFC 7339 s.5.10: without Retry-After, since others can be called.
  if (status == 503 && c.held_back) return parts_.replies.reply(c, 503, "Overloaded");
  parts_.replies.reply(c, own_status(status, c.invite));
}

void call_branches::count_answered(const message& response) {
  const auto now = parts_.env.now();
  if (!parts_.shards) return dialogs_.answered(response.call_id(), response.from().tag, response.to().tag, now);
  parts_.shards->inside().count_call([call = std::string(response.call_id()), from = std::string(response.from().tag),
                                      to = std::string(response.to().tag), now](dialog_count& all) { all.answered(call, from, to, now); });
}

void call_branches::count_ended(const message& response) {
  if (!parts_.shards) return dialogs_.ended(response.call_id(), response.from().tag, response.to().tag);
  parts_.shards->inside().count_call([call = std::string(response.call_id()), from = std::string(response.from().tag),
                                      to = std::string(response.to().tag)](dialog_count& all) { all.ended(call, from, to); });
}

}  // namespace phyllo::sip
