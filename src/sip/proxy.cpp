#include "proxy.hpp"

#include <utility>

#include "host_name.hpp"
#include "request_check.hpp"
#include "retry_after.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t lookups_max = 20'000;  // requests that wait for the overlay
constexpr std::size_t names_max = 4'096;     // callees that it is asked for at a time

fork_options options_of(const service_options& o) {
  fork_options f;
  f.hedge = o.t1 * 7 / 2;
  f.silence = o.t1 * 8;
  f.cancel_patience = o.t1 * 64;
  return f;
}

}  // namespace

proxy::proxy(proxy_parts parts, const service_options& o, asio::ip::address own_address, core::logger log)
    : parts_(parts),
      self_(o.self),
      authenticate_(o.authenticate_calls),
      strangers_{o.stranger_methods, static_cast<int>(o.stranger_answer), o.refusal_delay},
      fork_options_(options_of(o)),
      own_address_(std::move(own_address)),
      log_(std::move(log)),
      calls_(parts.metrics, "phyllo_calls_total", "Final answers to INVITEs that begin a call, by code; first challenges are not counted.",
             {200, 400, 403, 404, 408, 480, 486, 487, 500, 503}),
      ringing_({o.ringing_per_callee, o.ringing_per_caller}, hash_key_),
      lookup_(parts.env, parts.overlay, names_max),
      targets_(parts.env, parts.own, parts.sealer, ways_, o.has_failed, o.self, own_address_),
      timer_(parts.env.make_timer()),
      scope_(parts.env) {}

void proxy::start() { scope_.spawn(run_timers()); }

core::awaitable<void> proxy::stop() {
  scope_.cancel();
  co_await scope_.join();
  co_await lookup_.stop();
  contexts_.clear();
  clients_.clear();
}

void proxy::on_request(server_id id, std::shared_ptr<const message> request, const source& from) {
  note_heard(from);
  auto c = std::make_shared<context>();
  c->id = id;
  c->from = from;
  c->arrived = parts_.env.now();
  if (parts_.trust.trusted_peer(from)) c->who = standing::trusted;
  c->invite = request->method() == method::invite;
  c->in_dialog = !request->to_tag().empty();
  c->passage = passage_of(hash_key_, *request);
  c->request = std::move(request);
  contexts_.emplace(id, c);
  ++unanswered_;
  if (refused_at_once(*c)) return;
  passages_.insert(c->passage);
  c->passing = true;
  if (c->invite) parts_.transactions.reply(id, c->request->reply(100));
  c->base = c->request->copy();
  const auto info = take_route(*c->base, parts_.own, parts_.sealer);
  if (info.circles) return reply(*c, 482, "Loop Detected");
  c->base->set_max_forwards(c->base->max_forwards().value_or(71) - 1);
  dispatch(std::move(c), info);
}

bool proxy::refused_at_once(context& c) {
  const auto& m = *c.request;
  const auto target = m.request_uri();
  if (came_insecurely(m, c.from)) {
    refuse_sips(c);
    return true;
  }
  const bool named = !host_address(target.host) && parts_.own.is_proxy(target);
  const bool for_us = named || parts_.own.is_self(target) || parts_.own.is_domain(target.host);
  if (m.method() == method::options && for_us && target.user.empty()) {
    answer_options(c);
    return true;
  }
  if (const auto defect = check_request(m)) {
    auto response = m.reply(defect->status, defect->phrase, parts_.transactions.to_tag_for(c.id));
    if (defect->status == 420) {
      for (const auto tag : unsupported_extensions(m)) (void)response.add_header("Unsupported", tag);
    }
    reply(c, std::move(response));
    return true;
  }
  if (passages_.contains(c.passage) && has_own_via(m, parts_.own)) {
    reply(c, 482, "Loop Detected");
    return true;
  }
  if (draining_ && !c.in_dialog) {
    unavailable(c, 503, "Draining");
    return true;
  }
  return false;
}

void proxy::dispatch(std::shared_ptr<context> c, const route_information& info) {
  if (c->in_dialog) c->dialog = info.dialog;
  if (within_dialog(c, {})) return;
  // RFC 5626 s.5.3.1: 430 tells the supernode that sent it here to try another way.
  if (info.lost && c->from.peer && !c->in_dialog) return reply(*c, 430, "Flow Failed");
  if (scope_.running() >= lookups_max) return unavailable(*c, 503, "Too Many Look-Ups");
  scope_.spawn(route(std::move(c), info.path));
}

void proxy::answer_options(context& c) {
  auto response = c.request->reply(200, {}, parts_.transactions.to_tag_for(c.id));
  (void)response.add_header("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, MESSAGE, INFO, PRACK, UPDATE, SUBSCRIBE, NOTIFY, REFER");
  (void)response.add_header("Accept", "application/sdp");
  (void)response.add_header("Supported", "path");
  reply(c, std::move(response));
}

void proxy::reply(context& c, int status, std::string_view phrase) {
  if (c.answered) return;
  reply(c, c.request->reply(status, phrase, parts_.transactions.to_tag_for(c.id)));
}

void proxy::reply(context& c, message response) {
  const int status = response.status();
  parts_.transactions.reply(c.id, std::move(response));
  if (status >= 200) finish(c, status);
}

void proxy::unavailable(context& c, int status, std::string_view phrase) {
  if (c.answered) return;
  auto response = c.request->reply(status, phrase, parts_.transactions.to_tag_for(c.id));
  add_retry_after(response, parts_.env);
  reply(c, std::move(response));
}

// The final answer is out: only what late 2xx need is kept.
void proxy::finish(context& c, int status) {
  if (c.answered) return;
  c.answered = true;
  --unanswered_;
  if (c.invite && !c.in_dialog && status >= 200 && status != 407) calls_.add(status);
  if (c.passing) passages_.erase(passages_.find(c.passage));
  c.ringing.release();
  c.request.reset();
  c.base.reset();
  c.answers.clear();
  c.targets.clear();
}

void proxy::on_cancel(server_id cancel, server_id invite) {
  const auto found = contexts_.find(invite);
  if (found == contexts_.end()) return parts_.transactions.reply(cancel, 481);
  parts_.transactions.reply(cancel, 200);
  const auto c = found->second;
  if (c->answered) return;
  c->cancelled = true;
  if (!c->fork) return reply(*c, 487);
  perform(*c, c->fork->on_cancel(parts_.env.now()), nullptr);
}

// An ACK can not be challenged: only what is seen to come from an end passes, or shows the credentials of its INVITE.
void proxy::on_ack(message ack, const source& from) {
  note_heard(from);
  const auto info = take_route(ack, parts_.own, parts_.sealer);
  if (!info.dialog || ack.max_forwards() == 0U) return parts_.metrics.drop("sip_stray_ack");
  if (const auto as = side_of(*info.dialog, ack, {from}, parts_.env.wall_now(), self_))
    return pass_ack(std::move(ack), from, *info.dialog, *as);
  if (ack.proxy_authorizations().empty() || scope_.running() >= lookups_max) return parts_.metrics.drop("sip_stray_ack");
  scope_.spawn(ask_for_ack(std::make_shared<message>(std::move(ack)), from, *info.dialog));
}

// Of an end whose address has changed since the dialog began.
core::awaitable<void> proxy::ask_for_ack(std::shared_ptr<message> ack, source from, dialog_token t) {
  const auto realm = realm_shown(*ack, parts_.own);
  authentication a;
  if (!realm.empty()) a = co_await parts_.authenticator.check_ack(ack, realm, from);
  const bool right = a.result == authentication::outcome::accepted;
  const auto as = right ? side_of(t, *ack, {from, a.user}, parts_.env.wall_now(), self_) : std::nullopt;
  if (!as) co_return parts_.metrics.drop("sip_stray_ack");
  pass_ack(std::move(*ack), from, t, *as);
}

void proxy::pass_ack(message ack, const source& from, const dialog_token& t, side as) {
  parts_.transactions.prove(from);
  ack.set_max_forwards(ack.max_forwards().value_or(71) - 1);
  for (const auto& domain : parts_.own.domains) remove_proxy_credentials(ack, domain);
  if (!parts_.trust.trusted_peer(from)) parts_.headers.clean(ack, standing::stranger);
  const auto [end, sure] = onward(ack, t, as);
  const auto* way = ack_ways_.of(ack);
  if (!end && way == nullptr) return parts_.metrics.drop("sip_unroutable_ack");
  const auto to = way != nullptr ? way->to : end->to();
  if (way != nullptr) lead_along(ack, *way);
  if (came_insecurely(ack, from) || (ack.request_uri().secure() && !secure(to.by))) return parts_.metrics.drop("sip_insecure_way");
  if (!parts_.transactions.send_stateless(std::move(ack), to)) parts_.metrics.drop("sip_unroutable_ack");
}

void proxy::on_server_ended(server_id id) {
  const auto found = contexts_.find(id);
  if (found == contexts_.end()) return;
  auto& c = *found->second;
  finish(c, 0);
  for (const auto client : c.branches) clients_.erase(client);
  due_.erase({c.due, id});
  contexts_.erase(found);
}

}  // namespace phyllo::sip
