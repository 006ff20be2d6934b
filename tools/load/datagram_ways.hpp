// UDP sockets that send and receive many datagrams with one system call.
#pragma once

#include <sys/socket.h>

#include <memory>

#include "ways.hpp"

struct pollfd;

namespace phyllo::load {

class datagram_ways final : public ways {
 public:
  // A socket for each of `sources` (port 0: any that is free). core::errc::io: an address that is not this host's, or is taken.
  [[nodiscard]] static core::result<std::unique_ptr<datagram_ways>> open(const address& target, const std::vector<address>& sources);
  ~datagram_ways() override;

  [[nodiscard]] std::span<char> room(unsigned way) override;
  void commit(unsigned way, const address& to, std::size_t size) override;
  [[nodiscard]] std::vector<std::string> locals() const override;
  void flush() override;
  void wait(core::time_point until) override;
  void receive(machine& m) override;
  [[nodiscard]] const std::string& trouble() const noexcept override { return trouble_; }

 private:
  static constexpr std::size_t batch = 64;
  static constexpr std::size_t datagram_max = 4096;

  struct sender {
    int socket = -1;
    std::vector<char> octets = std::vector<char>(batch * 1024 + datagram_max);
    std::size_t used = 0;
    std::array<mmsghdr, batch> headers{};
    std::array<iovec, batch> places{};
    std::array<address, batch> to{};
    unsigned count = 0;
  };
  explicit datagram_ways(const address& target);
  core::status add(const address& source);
  void flush(sender& s);
  void read(unsigned way, machine& m);

  address target_;
  std::vector<std::unique_ptr<sender>> senders_;
  std::vector<pollfd> polled_;
  std::string trouble_;
  std::vector<char> received_;
  std::array<mmsghdr, batch> headers_{};
  std::array<iovec, batch> places_{};
  std::array<address, batch> from_{};
};

}  // namespace phyllo::load
