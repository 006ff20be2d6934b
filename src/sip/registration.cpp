#include "registration.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::sip {
namespace {

using std::chrono::seconds;

constexpr seconds record_lifetime_max{86'400};  // of Kind RESOURCE

registration_plan refused(int status, std::string phrase = {}) {
  registration_plan p;
  p.status = status;
  p.phrase = std::move(phrase);
  return p;
}

seconds asked_for(const requested_contact& c, const registration_request& r, const registration_settings& limits) {
  if (c.expires) return seconds(*c.expires);
  return r.expires ? seconds(*r.expires) : limits.expires_default;
}

// s.10.3 step 7: "If the Call-ID value in the existing binding [agrees with] the Call-ID in the request, the registrar
// ... compares the CSeq value. If [it is not] higher ... the update MUST be aborted and the request fails."
bool out_of_order(const registration_request& r, const binding& b) { return b.call_id == r.call_id && r.cseq <= b.cseq; }

// Compares what a reader of the record sees.
bool same_record(const binding& a, const binding& b) {
  return a.here == b.here && a.key == b.key && a.contact.text() == b.contact.text() && a.q_thousandths == b.q_thousandths &&
         a.path == b.path && a.instance == b.instance && a.reg_id == b.reg_id && a.features == b.features;
}

class planner {
 public:
  planner(const registration_request& r, const std::vector<binding>& current, const registration_settings& limits, core::wall_time now)
      : request_(r), limits_(limits), now_(now) {
    plan_.bindings = current;
  }

  registration_plan run() {
    if (request_.star) return remove_all();
    for (const auto& c : request_.contacts) {
      if (auto failed = apply(c)) return std::move(*failed);
    }
    if (plan_.bindings.size() > limits_.contacts_max) return refused(403, "Too Many Contacts");
    return std::move(plan_);
  }

 private:
  // s.10.3 step 6: "If the request has additional Contact fields or an expiration time other than zero, ... the
  // server MUST return a 400."
  registration_plan remove_all() {
    if (!request_.contacts.empty() || request_.expires != 0U) return refused(400, "Contact * Needs Expires 0");
    for (const auto& b : plan_.bindings) {
      if (out_of_order(request_, b)) return refused(500, "CSeq Out Of Order");
      plan_.remove.push_back(b.key);
    }
    plan_.bindings.clear();
    return std::move(plan_);
  }

  std::optional<registration_plan> apply(const requested_contact& c) {
    const auto most = request_.this_node_only ? std::min(limits_.expires_flow, limits_.expires_max) : limits_.expires_max;
    const auto expires = std::min(asked_for(c, request_, limits_), most);
    if (expires > seconds(0) && expires < limits_.expires_min) {
      auto brief = refused(423);
      brief.min_expires = limits_.expires_min;
      return brief;
    }
    auto bound = find(c);
    if (bound != plan_.bindings.end() && out_of_order(request_, *bound)) return refused(500, "CSeq Out Of Order");
    if (expires == seconds(0)) {
      drop(bound);
    } else {
      bind(c, expires, bound);
    }
    return std::nullopt;
  }

  std::vector<binding>::iterator find(const requested_contact& c) {
    const auto key = binding_key(c.instance, c.reg_id, c.uri);
    return std::ranges::find_if(plan_.bindings, [&](const binding& b) {
      return b.key == key || (c.instance.empty() && b.instance.empty() && b.contact.same_as(c.uri));
    });
  }

  void drop(std::vector<binding>::iterator bound) {
    if (bound == plan_.bindings.end()) return;
    std::erase_if(plan_.store, [&](const binding& b) { return b.key == bound->key; });
    plan_.remove.push_back(bound->key);
    plan_.bindings.erase(bound);
  }

  void bind(const requested_contact& c, seconds expires, std::vector<binding>::iterator bound) {
    auto next = bound_anew(c, expires);
    if (bound != plan_.bindings.end() && same_record(next, *bound) && bound->stored_until >= now_ + expires) {
      next.stored_until = bound->stored_until;
      *bound = std::move(next);
      return;
    }
    drop(bound);  // an equal URI in other words has another key, so its record goes
    std::erase(plan_.remove, next.key);
    plan_.store.push_back(next);
    plan_.bindings.push_back(std::move(next));
  }

  binding bound_anew(const requested_contact& c, seconds expires) const {
    binding b;
    b.key = binding_key(c.instance, c.reg_id, c.uri);
    b.contact = c.uri;
    b.instance = c.instance;
    b.reg_id = c.reg_id;
    b.features = c.features;
    b.q_thousandths = c.q_thousandths;
    b.call_id = request_.call_id;
    b.cseq = request_.cseq;
    b.path = request_.path;
    b.expires = now_ + expires;
    b.here = true;
    b.stored_until = now_ + record_lifetime(expires);
    return b;
  }

  const registration_request& request_;
  const registration_settings& limits_;
  core::wall_time now_;
  registration_plan plan_;
};

}  // namespace

std::chrono::seconds record_lifetime(std::chrono::seconds granted) noexcept { return std::min(2 * granted, record_lifetime_max); }

registration_plan plan_registration(const registration_request& r, const std::vector<binding>& current, const registration_settings& limits,
                                    core::wall_time now) {
  return planner(r, current, limits, now).run();
}

}  // namespace phyllo::sip
