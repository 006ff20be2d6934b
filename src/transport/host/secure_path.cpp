#include "host/secure_path.hpp"

#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

std::unique_ptr<tls_engine> active_end(const host_state& state, const path_terms& terms) {
  tls_engine::overlay_client options;
  options.datagrams = true;
  options.resumes = terms.resumes;
  options.expected = terms.how.expected;
  options.alpn = terms.alpn;
  return std::make_unique<tls_engine>(state.tls, std::move(options));
}

std::unique_ptr<tls_engine> passive_end(const host_state& state, const path_terms& terms) {
  tls_engine::server options;
  options.datagrams = true;
  options.overlay_by_default = !terms.alpn_needed;
  options.expected = terms.how.expected;
  options.alpn = terms.alpn;
  return std::make_unique<tls_engine>(state.tls, std::move(options));
}

core::status agreed(const dtls_carrier& c, const path_terms& terms) {
  if (!c.authenticated()) return core::fail(errc::handshake_failed, "no certificate of the overlay was shown");
  if (terms.alpn_needed && c.alpn() != terms.alpn) return core::fail(errc::handshake_failed, "the peer does not speak " + terms.alpn);
  return {};
}

}  // namespace

core::awaitable<core::result<secured_path>> secure_path(host_state& state, std::unique_ptr<datagram_channel> path, path_terms terms,
                                                        core::time_point deadline) {
  auto engine = terms.how.role == dtls_role::active ? active_end(state, terms) : passive_end(state, terms);
  const auto carrier = std::make_shared<dtls_carrier>(state.env, std::move(engine), std::move(path));
  const auto done = std::make_shared<core::mailbox<core::result<secured_path>>>(state.env, 1);
  dtls_carrier::handshake_handler finish = [&state, done](dtls_carrier& c, const core::status& how) {
    state.count_handshake(link_kind::dtls, how);
    if (how) {
      done->push(secured_path(c.shared_from_this()));
    } else {
      done->push(core::fail(how.error()));
    }
  };
  carrier->start(deadline, std::move(terms.preamble), std::move(finish));
  auto result = co_await done->receive(core::time_point::max());  // the carrier keeps the deadline
  if (!result) co_return core::fail(result.error());
  if (!*result) co_return core::fail(result->error());
  if (auto good = agreed(*carrier, terms); !good) co_return core::fail(good.error());
  co_return std::move(*result);
}

}  // namespace phyllo::transport
