#include "request_machine.hpp"

#include <fmt/format.h>

namespace phyllo::load {
namespace {

message_template text_of(const request_machine::request& what, const sip_client_settings& s) {
  const bool registers = what.method == "REGISTER";
  auto t = fmt::format("{} [uri] SIP/2.0\nVia: {} [local];branch=z9hG4bK[key][branch];rport\nMax-Forwards: 70\n", what.method, s.via);
  t += fmt::format("From: <sip:[user]@{0}>;tag=[key]\nTo: <sip:[to]@{0}>\nCall-ID: [key]{1}\nCSeq: [cseq] {2}\n", s.domain, s.run,
                   what.method);
  if (registers) t += fmt::format("Contact: <sip:[user]@[local]{}>\nExpires: {}\n", s.contact_parameters, what.expires);
  t += "[authorization]";
  if (!registers) t += "Content-Type: text/plain\n";
  const auto body = registers ? std::string() : std::string(what.body_bytes, 'x');
  return message_template(t + fmt::format("Content-Length: {}\n\n{}", body.size(), body));
}

}  // namespace

request_machine::request_machine(const request& what, const sip_client_settings& s, std::vector<user> users, outbox& out,
                                 core::time_point now)
    : sip_client(s, std::move(users), {}, out, now),
      method_(what.method),
      to_(what.to),
      text_(text_of(what, s)),
      operations_(s.operations_max) {
  for (const auto& t : to_) uris_.push_back(fmt::format("sip:{}@{}", t, s.domain));
  if (to_.empty()) uris_.push_back("sip:" + s.domain);
}

void request_machine::begin(core::time_point intended, core::time_point now) {
  count_begin(intended, now);
  operation_key key;
  auto* o = operations_.make(key);
  const auto number = begun_++;
  if (o == nullptr) return count_failure(intended, "too many under way");
  o->key = key;
  o->intended = intended;
  o->number = number;
  o->attempt = 0;
  o->authorization.clear();
  attempt(*o, now);
}

void request_machine::attempt(operation& o, core::time_point now) {
  ++o.attempt;
  send(o);
  o.again.begin(now, settings_.timing);
  arm(o);
}

void request_machine::arm(operation& o) {
  o.due = o.again.due();
  wheel_.set(o.key, o.due);
}

std::string_view request_machine::to_of(const operation& o) const noexcept {
  return to_.empty() ? std::string_view(users_[user_of(o)].name) : std::string_view(to_[o.number % to_.size()]);
}

void request_machine::send(const operation& o) {
  const auto key = o.key.text();
  const auto way = way_of(user_of(o));
  const char digit = static_cast<char>('0' + o.attempt);
  gap_values v;
  v[gap::key] = {key.data(), key.size()};
  v[gap::branch] = v[gap::cseq] = {&digit, 1};
  v[gap::user] = users_[user_of(o)].name;
  v[gap::to] = to_of(o);
  v[gap::local] = settings_.locals[way];
  v[gap::uri] = uri_of(o);
  v[gap::authorization] = o.authorization;
  static_cast<void>(sip_client::send(text_, v, way));
}

bool request_machine::on_response(const sip_scan& r, operation_key key, core::time_point now) {
  auto* o = operations_.find(key);
  if (o == nullptr || r.cseq != o->attempt) return false;
  if (r.status < 200) {
    o->again.hear(now, settings_.timing, false);
    arm(*o);
    return true;
  }
  if ((r.status == 401 || r.status == 407) && o->attempt == 1) {
    retry(*o, r, now);
    return true;
  }
  if (r.status < 300) {
    count_success(o->intended, now);
  } else {
    count_status(o->intended, r.status);
  }
  operations_.drop(key);
  return true;
}

void request_machine::retry(operation& o, const sip_scan& r, core::time_point now) {
  if (meet_challenge(r, users_[user_of(o)], method_, uri_of(o), o.key, o.authorization)) return attempt(o, now);
  count_failure(o.intended, "no digest that is allowed");
  operations_.drop(o.key);
}

void request_machine::on_alarm(operation_key key, core::time_point at, core::time_point now) {
  auto* o = operations_.find(key);
  if (o == nullptr || o->due != at) return;
  const auto step = o->again.pass(now, settings_.timing, false);
  if (step == retransmission::step::give_up) {
    count_failure(o->intended, "timed out");
    operations_.drop(key);
    return;
  }
  if (step == retransmission::step::again) {
    send(*o);
    ++tally_.retransmissions;
  }
  arm(*o);
}

void request_machine::abandon(core::time_point) {
  operations_.each([&](operation& o) {
    count_failure(o.intended, "not answered when the run ended");
    operations_.drop(o.key);
  });
}

}  // namespace phyllo::load
