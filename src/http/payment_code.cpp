#include "http/payment_code.h"

#include <algorithm>
#include <iterator>

#include "http/submission.h"

namespace intaglio::http {
namespace {

using codec::Json;

struct BindingBody {
  AccountId account;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "account", &BindingBody::account, "the payee from now on"));
  }
};

struct ClaimBody {
  std::string text;
  Bytes claim;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "text", &ClaimBody::text, "the code's whole text"),
                      codec::field(2, "claim", &ClaimBody::claim, "the payer's signed claim"));
  }
};

struct VerifyBody {
  std::string text;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "text", &VerifyBody::text, "the code's whole text"));
  }
};

// A display, for the login that enrolled it and nobody else.
struct OwnDisplay {
  KeyHash key;
  service::CertificateRecord record;
};

Result<OwnDisplay> own_display(ServedNode& served, const Request& request) {
  ASSIGN(const auto signer, served.signatures.signer(request));
  ASSIGN(const auto key, id_parameter<KeyHash>(request, "key"));
  auto record = served.node.authority().find(key);
  if (!record || record->usage != pki::CertificateUsage::display) {
    return refuse(Verdict::unknown_display, codec::to_hex(key));
  }
  const auto login = served.node.authority().login_named(record->login);
  if (!login || login->key != signer) return refuse(Verdict::not_reader, "the display's login");
  return OwnDisplay{key, *std::move(record)};
}

Json binding_json(const proof::DisplayBinding& binding) {
  return Json::object({{"display", codec::to_hex(binding.display)},
                       {"account", codec::to_text(binding.account)},
                       {"epoch", binding.epoch}});
}

Result<Response> show_binding(ServedNode& served, const Request& request) {
  ASSIGN(const auto display, own_display(served, request));
  ASSIGN(const auto issued, served.node.display_desk().binding(display.key));
  ASSIGN(const auto certificate, pki::Certificate::parse(display.record.der));
  Json out = binding_json(issued.binding);
  out.set("code_step", issued.binding.code_step.value());
  out.set("guid", issued.binding.guid);
  out.set("statement", codec::to_hex(issued.statement));
  out.set("security_key", codec::to_hex(issued.security_key.reveal()));
  out.set("certificate", certificate.to_pem());
  return Response::json(out);
}

Result<Response> rebind(ServedNode& served, const Request& request) {
  TRY(served.signatures.require_operator(request));
  ASSIGN(const auto key, id_parameter<KeyHash>(request, "key"));
  ASSIGN(const auto body, body_record<BindingBody>(request));
  auto& desk = served.node.display_desk();
  TRY(desk.rebind(key, body.account));
  ASSIGN(const auto issued, desk.binding(key));
  return Response::json(binding_json(issued.binding));
}

Event refresh_event(const proof::RefreshNotification& notification) {
  return {.id = std::to_string(notification.counter),
          .name = "refresh",
          .data = Json::object(
                      {{"counter", notification.counter}, {"mac", codec::to_hex(notification.mac)}})
                      .dump()};
}

// The streams of all displays, each with its subscription at the desk.
class DisplayEvents {
 public:
  void add(service::DisplayDesk& desk, const KeyHash& display, std::uint64_t after,
           EventStream stream) {
    auto subscription =
        desk.subscribe(display, after, [stream](const proof::RefreshNotification& notification) {
          stream.send(refresh_event(notification));
        });
    std::vector<Open> gone;  // dropped outside the lock: that waits for the desk
    const std::lock_guard lock(mutex_);
    const auto closed =
        std::ranges::partition(streams_, [](const Open& each) { return !each.stream.closed(); });
    std::ranges::move(closed, std::back_inserter(gone));
    streams_.erase(closed.begin(), closed.end());
    streams_.push_back({std::move(stream), std::move(subscription)});
  }

 private:
  struct Open {
    EventStream stream;
    std::shared_ptr<void> subscription;
  };
  std::mutex mutex_;
  std::vector<Open> streams_;
};

Result<void> stream_refreshes(ServedNode& served, DisplayEvents& events, const Request& request,
                              const Reply& reply) {
  ASSIGN(const auto display, own_display(served, request));
  const auto last = request.fields.find("Last-Event-ID");
  const auto after = codec::uint_from_digits(last.value_or("0"));
  if (!after) return refuse(Verdict::bad_value, "Last-Event-ID");
  if (request.method == "GET") {
    events.add(served.node.display_desk(), display.key, *after, reply.stream());
  } else {
    reply.send(Response::of(kEventMediaType, ""));
  }
  return {};
}

Result<Response> claim(ServedNode& served, const Request& request) {
  ASSIGN(const auto body, body_record<ClaimBody>(request));
  ASSIGN(const auto receipt, served.node.display_desk().claim(body.text, body.claim));
  return result_response(served.gateway(), receipt);
}

Json code_json(const proof::PaymentCode& code) {
  Json out = Json::object({{"account", code.account}, {"currency", code.currency.value()}});
  if (code.amount) out.set("amount", *code.amount);
  out.set("merchant", code.merchant);
  out.set("city", code.city);
  out.set("country", code.country);
  out.set("category", code.category);
  if (code.reference) out.set("reference", *code.reference);
  if (code.terminal) out.set("terminal", *code.terminal);
  out.set("step", code.step.value());
  out.set("counter", code.counter);
  return out;
}

Json standing_json(const service::CodeStanding& standing) {
  const Verdict verdict = standing.good ? Verdict::accepted : standing.good.error().verdict;
  Json out = Json::object({{"good", standing.good.has_value()},
                           {"verdict", describe(verdict).name},
                           {"detail", standing.good ? "" : to_string(standing.good.error())},
                           {"display", codec::to_hex(standing.display)},
                           {"code", code_json(standing.code)}});
  const auto& row = standing.row;
  out.set("state", !row ? "new" : row->payment ? "paid" : "claimed");
  if (row && !row->payment && row->claimed_until) {
    out.set("claimed_until", row->claimed_until->value());
  }
  return out;
}

Result<Response> verify(ServedNode& served, const Request& request) {
  ASSIGN(const auto body, body_record<VerifyBody>(request));
  ASSIGN(const auto standing, served.node.display_desk().look_at(body.text));
  return Response::json(standing_json(standing));
}

}  // namespace

void add_payment_code_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("GET", "/v1/displays/{key}/binding", "getDisplayBinding", show_binding);
  add("POST", "/v1/displays/{key}/binding", "rebindDisplay", rebind);
  router.add({.method = "GET",
              .pattern = "/v1/displays/{key}/events",
              .operation = "streamDisplayEvents",
              .endpoint =
                  [served, events = std::make_shared<DisplayEvents>()](const Request& request,
                                                                       const Reply& reply) {
                    const auto open = stream_refreshes(*served, *events, request, reply);
                    if (!open) reply.send(refused(open.error()));
                  },
              .runs = Runs::on_worker});
  add("POST", "/v1/payment-codes/claims", "claimPaymentCode", claim);
  add("POST", "/v1/payment-codes/verify", "verifyPaymentCode", verify);
}

}  // namespace intaglio::http
