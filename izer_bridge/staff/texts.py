"""What the login page says."""

from dataclasses import dataclass

from izer_bridge.web.language import Language


@dataclass(frozen=True, slots=True)
class LoginTexts:
    """`spent` and `unknown` say why nobody was let in, and what to do."""

    title: str
    by_link: str
    enter: str
    what: str
    how: str
    spent: str
    unknown: str
    too_often: str
    not_private: str


LOGIN_TEXTS = {
    Language.TR: LoginTexts(
        title="Giriş",
        by_link="Bu bağlantı sizi bir kez içeri alır.",
        enter="Giriş yap",
        what="Anahtar",
        how="Anahtarınız yoksa, köprünün kurulu olduğu makinede izer-bridge login yazın; "
        "bir kez geçerli bir bağlantı verir.",
        spent="Bu bağlantı kullanılmış ya da 10 dakikadan eski. Yenisini isteyin: "
        "izer-bridge login",
        unknown="Bu anahtar geçerli değil. Tamamını kopyaladığınızdan emin olun.",
        too_often="Çok fazla deneme oldu. Bir dakika sonra yeniden deneyin.",
        not_private="Bu sayfa yalnızca şifreli bağlantıyla (https) açılır. "
        "Adresi https ile yazın ya da köprüyü kuran kişiye sorun.",
    ),
    Language.EN: LoginTexts(
        title="Log in",
        by_link="This link lets you in once.",
        enter="Log in",
        what="Token",
        how="Without a token, type izer-bridge login on the bridge's machine; it gives a link "
        "that works once.",
        spent="This link was used, or is older than 10 minutes. Ask for a new one: "
        "izer-bridge login",
        unknown="This token is not valid. Make sure that you have copied all of it.",
        too_often="Too many attempts. Try again in a minute.",
        not_private="This page opens only over an encrypted connection (https). Type the address "
        "with https, or ask whoever set up the bridge.",
    ),
}
