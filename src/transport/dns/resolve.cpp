#include "phyllo/transport/resolve.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t addresses_max = 8;

struct found_addresses {
  std::vector<asio::ip::address> addresses;
  std::string why;
};

asio::ip::address address_of(const addrinfo& a) {
  if (a.ai_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, a.ai_addr, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, a.ai_addr, sizeof v6);
  asio::ip::address_v6::bytes_type octets;
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return asio::ip::address_v6(octets, v6.sin6_scope_id);
}

void look_up(const std::string& host, found_addresses& to) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int r = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (r != 0) {
    to.why = ::gai_strerror(r);
    return;
  }
  for (const auto* a = list; a != nullptr && to.addresses.size() < addresses_max; a = a->ai_next) {
    if (a->ai_family == AF_INET || a->ai_family == AF_INET6) to.addresses.push_back(address_of(*a));
  }
  ::freeaddrinfo(list);
}

}  // namespace

core::awaitable<core::result<std::vector<asio::ip::address>>> resolve(core::environment& env, core::worker& w, std::string host,
                                                                      asio::ip::address bind) {
  asio::error_code no_address;
  const auto literal = asio::ip::make_address(host, no_address);
  if (!no_address) co_return std::vector<asio::ip::address>{literal};
  const auto found = std::make_shared<found_addresses>();
  std::function<void()> work = [host, found] { look_up(host, *found); };
  const auto ran = co_await w.run(env, std::move(work));
  if (!ran) co_return core::fail(ran.error());
  if (!bind.is_unspecified()) std::erase_if(found->addresses, [&](const auto& a) { return a.is_v4() != bind.is_v4(); });
  if (found->addresses.empty()) co_return core::fail(errc::refused, host + ": " + (found->why.empty() ? "no address" : found->why));
  co_return std::move(found->addresses);
}

}  // namespace phyllo::transport
