#include "call_machine.hpp"

namespace phyllo::load {
namespace {

std::string_view invite_branch(unsigned attempt) { return attempt == 1 ? "i1" : "i2"; }

}  // namespace

call_machine::call_machine(plan p, const sip_client_settings& s, std::vector<user> users, outbox& out, core::time_point now)
    : sip_client(s, std::move(users), {"ringing", "set-up", "tear-down"}, out, now),
      plan_(std::move(p)),
      texts_(s),
      calls_(s.operations_max) {}

void call_machine::begin(core::time_point intended, core::time_point now) {
  count_begin(intended, now);
  operation_key key;
  auto* c = calls_.make(key);
  const auto number = begun_++;
  if (c == nullptr) return count_failure(intended, "too many under way");
  c->key = key;
  c->intended = intended;
  c->number = number;
  c->now = state::inviting;
  c->attempt = 0;
  c->rang = false;
  for (auto* text : {&c->to_tag, &c->routes, &c->uri, &c->authorization}) text->clear();
  invite(*c, now);
}

void call_machine::invite(call& c, core::time_point now) {
  ++c.attempt;
  print_current(c);
  c.again.begin(now, settings_.timing);
  arm(c, c.again.due());
}

void call_machine::end(call& c, core::time_point now) {
  c.now = state::ending;
  c.ended = now;
  print_current(c);
  c.again.begin(now, settings_.timing);
  arm(c, c.again.due());
}

void call_machine::arm(call& c, core::time_point when) {
  c.due = when;
  wheel_.set(c.key, when);
}

// The request that waits for an answer.
void call_machine::print_current(const call& c) {
  if (c.now == state::ending) {
    print(c, texts_.bye, "b1", c.attempt + 1, c.uri);
  } else {
    print(c, texts_.invite, invite_branch(c.attempt), c.attempt, callee_of(c).uri);
  }
}

void call_machine::print(const call& c, const message_template& t, std::string_view branch, unsigned cseq, std::string_view uri) {
  const auto key = c.key.text();
  const auto way = way_of(user_of(c));
  const char digit = static_cast<char>('0' + cseq);
  gap_values v;
  v[gap::key] = {key.data(), key.size()};
  v[gap::branch] = branch;
  v[gap::cseq] = {&digit, 1};
  v[gap::user] = users_[user_of(c)].name;
  v[gap::local] = settings_.locals[way];
  v[gap::uri] = uri;
  v[gap::to] = callee_of(c).name;
  v[gap::to_tag] = c.to_tag;
  v[gap::routes] = c.routes;
  v[gap::authorization] = c.authorization;
  static_cast<void>(send(t, v, way));
}

bool call_machine::on_response(const sip_scan& r, operation_key key, core::time_point now) {
  auto* c = calls_.find(key);
  if (c == nullptr) return false;
  if (r.method == "INVITE") return r.cseq == c->attempt && on_invite_response(*c, r, now);
  return r.method == "BYE" && c->now == state::ending && on_bye_response(*c, r, now);
}

bool call_machine::on_invite_response(call& c, const sip_scan& r, core::time_point now) {
  if (c.now != state::inviting) {  // the 200 again: so is the ACK
    if (r.status < 200 || r.status >= 300) return r.status < 200;
    print(c, texts_.ack, "k1", c.attempt, c.uri);
    return true;
  }
  if (r.status >= 300) {
    refused(c, r, now);
  } else if (r.status >= 200) {
    answered(c, r, now);
  } else {
    if (r.status >= 180 && !c.rang) {
      c.rang = true;
      count_part(ringing, c.intended, now - c.intended);
    }
    c.again.hear(now, settings_.timing, true);
    arm(c, c.again.due());
  }
  return true;
}

void call_machine::refused(call& c, const sip_scan& r, core::time_point now) {
  c.to_tag.assign(";tag=").append(parameter_of(r.to, "tag"));
  print(c, texts_.ack_refusal, invite_branch(c.attempt), c.attempt, callee_of(c).uri);
  c.to_tag.clear();
  const bool challenged = (r.status == 401 || r.status == 407) && c.attempt == 1;
  if (challenged && meet_challenge(r, users_[user_of(c)], "INVITE", callee_of(c).uri, c.key, c.authorization)) return invite(c, now);
  if (challenged) {
    count_failure(c.intended, "no digest that is allowed");
  } else {
    count_status(c.intended, r.status);
  }
  calls_.drop(c.key);
}

void call_machine::answered(call& c, const sip_scan& r, core::time_point now) {
  count_part(set_up, c.intended, now - c.intended);
  c.now = state::talking;
  c.to_tag.assign(";tag=").append(parameter_of(r.to, "tag"));
  c.uri.assign(uri_of(r.contact));
  append_routes(c.routes, r);
  print(c, texts_.ack, "k1", c.attempt, c.uri);
  if (plan_.hold.count() == 0) return end(c, now);
  arm(c, now + plan_.hold);
}

bool call_machine::on_bye_response(call& c, const sip_scan& r, core::time_point now) {
  if (r.status < 200) {
    c.again.hear(now, settings_.timing, false);
    arm(c, c.again.due());
    return true;
  }
  if (r.status < 300) {
    count_part(tear_down, c.intended, now - c.ended);
    count_success(c.intended, now);
  } else {
    count_failure(c.intended, "BYE " + std::to_string(r.status));
  }
  calls_.drop(c.key);
  return true;
}

void call_machine::on_alarm(operation_key key, core::time_point at, core::time_point now) {
  auto* c = calls_.find(key);
  if (c == nullptr || c->due != at) return;
  if (c->now == state::talking) return end(*c, now);
  const auto step = c->again.pass(now, settings_.timing, c->now == state::inviting);
  if (step == retransmission::step::give_up) return give_up(*c);
  if (step == retransmission::step::again) {
    print_current(*c);
    ++tally_.retransmissions;
  }
  arm(*c, c->again.due());
}

void call_machine::give_up(call& c) {
  count_failure(c.intended, c.now == state::ending ? "BYE timed out" : c.rang ? "not answered" : "INVITE timed out");
  calls_.drop(c.key);
}

void call_machine::abandon(core::time_point) {
  calls_.each([&](call& c) {
    count_failure(c.intended, "not over when the run ended");
    calls_.drop(c.key);
  });
}

}  // namespace phyllo::load
