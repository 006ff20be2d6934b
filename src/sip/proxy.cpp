#include "proxy.hpp"

#include <utility>

#include "host_name.hpp"
#include "message_edit.hpp"
#include "request_check.hpp"
#include "secure_ways.hpp"
#include "shard_post.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t names_max = 4'096;  // callees that the overlay is asked for at a time

}  // namespace

proxy::proxy(proxy_parts parts, const service_options& o, asio::ip::address own_address, const core::logger& log)
    : parts_(parts),
      own_address_(std::move(own_address)),
      scope_(parts.env),
      ringing_(o.ringing, o.shards ? o.shards->inside().key : hash_key_, o.shards ? &o.shards->inside().ringing : nullptr),
      lookup_(parts.env, parts.overlay, names_max),
      replies_(parts.env, parts.transactions, parts.metrics),
      strangers_({parts.env, parts.own, contexts_, replies_, scope_}, o.stranger),
      ways_({parts.env, parts.own, parts.transactions, parts.metrics}, hash_key_, log),
      targets_(parts.env, parts.own, parts.sealer, ways_.memory(), o.has_failed, o.self, own_address_),
      branches_({parts.env, parts.transactions, parts.trust, parts.headers, parts.metrics, contexts_, replies_, strangers_, ways_,
                 ack_ways_, o.shards},
                branch_requests({parts.env, parts.own, parts.sealer, parts.trust, parts.headers}, o.self), {.t1 = o.transactions.t1},
                hash_key_),
      leads_(parts.sealer, o.self),
      dialogs_({parts.env, parts.own, parts.transactions, parts.servers, lookup_, targets_, contexts_, replies_, branches_, leads_, scope_},
               o.self),
      acks_({parts.env, parts.own, parts.sealer, parts.authenticator, parts.transactions, parts.trust, parts.headers, parts.metrics,
             ack_ways_, leads_, scope_},
            o.self),
      admission_({parts.env, parts.own, parts.authenticator, parts.transactions, lookup_, replies_, strangers_}, o.self,
                 o.authenticate_calls),
      finder_({parts.env, parts.own, parts.hosts, parts.sealer, parts.secrets, parts.metrics, lookup_, targets_, ringing_, replies_,
               strangers_, branches_},
              o.self, log) {}

void proxy::start() { scope_.spawn(branches_.run_timers()); }

core::awaitable<void> proxy::stop() {
  scope_.cancel();
  co_await scope_.join();
  co_await lookup_.stop();
  contexts_.clear();
}

void proxy::on_request(server_id id, std::shared_ptr<const message> request, const source& from) {
  ways_.heard(from);
  auto c = std::make_shared<context>();
  c->id = id;
  c->from = from;
  c->arrived = parts_.env.now();
  if (parts_.trust.trusted_peer(from)) c->caller.who = standing::trusted;
  c->invite = request->method() == method::invite;
  c->in_dialog = !request->to().tag.empty();
  c->passage = passage_of(hash_key_, *request);
  c->request = std::move(request);
  contexts_.add(c);
  replies_.came();
  if (refused_at_once(*c)) return;
  replies_.let_in(*c);
  if (c->invite) parts_.transactions.reply(id, c->request->reply(100));
  c->base = c->request->copy();
  const auto info = take_route(*c->base, parts_.own, parts_.sealer);
  if (info.circles) return replies_.reply(*c, 482, "Loop Detected");
  set_max_forwards(*c->base, c->base->max_forwards().value_or(71) - 1);
  dispatch(std::move(c), info);
}

bool proxy::refused_at_once(context& c) {
  const auto& m = *c.request;
  const auto& target = m.request_uri();
  if (came_insecurely(m, c.from)) {
    strangers_.refuse_sips(c);
    return true;
  }
  const bool named = !host_address(target.host) && parts_.own.is_proxy(target);
  const bool for_us = named || parts_.own.is_self(target) || parts_.own.is_domain(target.host);
  if (m.method() == method::options && for_us && target.user.empty()) {
    answer_options(c);
    return true;
  }
  if (refused_by_check(c)) return true;
  if (replies_.circles(c) && has_own_via(m, parts_.own)) {
    replies_.reply(c, 482, "Loop Detected");
    return true;
  }
  if (draining_ && !c.in_dialog) {
    replies_.unavailable(c, 503, "Draining");
    return true;
  }
  return false;
}

bool proxy::refused_by_check(context& c) {
  const auto defect = check_request(*c.request);
  if (!defect) return false;
  auto response = replies_.response_to(c, defect->status, defect->phrase);
  if (defect->status == 420) {
    for (const auto tag : unsupported_extensions(*c.request)) (void)response.add_header("Unsupported", tag);
  }
  replies_.reply(c, std::move(response));
  return true;
}

void proxy::dispatch(std::shared_ptr<context> c, const route_information& info) {
  if (c->in_dialog) c->dialog.say(info.dialog);
  if (dialogs_.forward(c, {})) return;
  // RFC 5626 s.5.3.1: 430 tells the supernode that sent it here to try another way.
  if (info.lost && c->from.peer && !c->in_dialog) return replies_.reply(*c, 430, "Flow Failed");
  if (scope_.running() >= lookups_max) return replies_.unavailable(*c, 503, "Too Many Look-Ups");
  scope_.spawn(route(std::move(c), info.path));
}

void proxy::answer_options(context& c) {
  auto response = replies_.response_to(c, 200);
  (void)response.add_header("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, MESSAGE, INFO, PRACK, UPDATE, SUBSCRIBE, NOTIFY, REFER");
  (void)response.add_header("Accept", "application/sdp");
  (void)response.add_header("Supported", "path");
  replies_.reply(c, std::move(response));
}

void proxy::on_cancel(server_id cancel, server_id invite) {
  const auto c = contexts_.find(invite);
  if (c == nullptr) return parts_.transactions.reply(cancel, 481);
  parts_.transactions.reply(cancel, 200);
  if (!c->answered) branches_.cancel(*c);
}

void proxy::on_ack(message ack, const source& from) {
  ways_.heard(from);
  acks_.on_ack(std::move(ack), from);
}

void proxy::on_server_ended(server_id id) {
  const auto c = contexts_.find(id);
  if (c == nullptr) return;
  replies_.finish(*c, 0);
  contexts_.remove(*c);
}

}  // namespace phyllo::sip
