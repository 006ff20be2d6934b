#include "pastry/signed_grant.hpp"

#include <string_view>

#include "phyllo/identity/errc.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::string_view label = "phyllo grant";  // so that the signature is of nothing else

core::bytes terms_text(const grant_terms& t, const node_id& granter) {
  core::bytes out;
  core::wire_writer w(out);
  w.raw(core::as_bytes(label));
  w.u32(t.overlay);
  w.raw(t.joiner.octets);
  w.u32(t.incarnation);
  w.raw(granter.octets);
  return out;
}

}  // namespace

signed_grant signed_grant::make(const identity::credential& by, const grant_terms& t) {
  const auto& granter = by.certificate.node();
  return {granter, identity::sign(by, {terms_text(t, granter)})};
}

core::status signed_grant::verify(const identity::certificate& of_granter, const grant_terms& t) const {
  if (of_granter.node() != granter) return core::fail(identity::errc::unknown_signer, "not of " + granter.hex());
  return identity::verify(signature, of_granter, {terms_text(t, granter)});
}

void write_grants(core::wire_writer& w, const std::vector<signed_grant>& grants) {
  const auto m = w.open(2);
  for (const auto& g : grants) {
    w.raw(g.granter.octets);
    g.signature.write(w);
  }
  w.close(m);
}

std::vector<signed_grant> read_grants(core::wire_reader& r) {
  core::wire_reader list(r.opaque(2));
  std::vector<signed_grant> out;
  while (list.ok() && !list.empty()) {  // ends with the list, or at the bound
    const auto granter = node_id::from_bytes(list.take(node_id::size));
    auto signature = identity::signature::read(list);
    if (!list.ok() || !granter || granter->reserved() || out.size() == grants_max) {
      r.fail();
      break;
    }
    out.push_back({*granter, std::move(signature)});
  }
  return out;
}

}  // namespace phyllo::overlay
